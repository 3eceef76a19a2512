import { platformOf } from "./flows/party.ts";
import { fills, projectsOf, type RegistryAccount, registryAccounts, replicationAccount, robotPrefix } from "./registry.ts";
import type { RegistryProjects, RegistryReplication } from "./registry-settings.ts";
import type { Site, Topology } from "./topology.ts";

// What a site's Harbor is told of projects, accounts and replication: in the words of its API (https://goharbor.io/docs/main/build-customize-contribute/configure-swagger/).

export interface DeclaredHarbor {
  readonly system: Readonly<Record<string, string | boolean>>;
  readonly projects: readonly DeclaredProject[];
  readonly accounts: readonly DeclaredAccount[];
  /** The other site's, as this one knows it: at the standby too, so that it can send there as soon as it is active. */
  readonly destination: DeclaredDestination | undefined;
  /** What is sent there: from the standby nothing. */
  readonly policies: readonly DeclaredPolicy[];
}

export interface DeclaredProject {
  readonly name: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly quotaBytes: number;
  readonly keep: RegistryProjects["keep"];
  readonly immutableTags: string | undefined;
}

/** A robot account of the whole registry; its password is the trust stack's. */
export interface DeclaredAccount {
  /** Without Harbor's prefix. */
  readonly name: string;
  readonly lifetimeDays: number;
  /** Days before its end from which it is renewed. */
  readonly renewDays: number;
  readonly permissions: readonly Permission[];
}

export interface Permission {
  readonly kind: "project" | "system";
  /** A project, or `/`. */
  readonly namespace: string;
  readonly access: readonly { readonly resource: string; readonly action: string }[];
}

export interface DeclaredDestination {
  /** The other site. */
  readonly name: string;
  readonly url: string;
  readonly account: string;
}

export interface DeclaredPolicy {
  readonly name: string;
  readonly trigger:
    | { readonly type: "event_based" }
    | { readonly type: "scheduled"; readonly trigger_settings: { readonly cron: string } };
  readonly filters: readonly { readonly type: string; readonly value: string; readonly decoration?: string }[];
  readonly override: boolean;
  /** Kilobits of 1024 bits a second for each image; 0: no limit. */
  readonly speed: number;
}

export const replicationPolicies = { events: "tandem-events", all: "tandem-all" } as const;

/** Of a site's Harbor, at its VIP. */
export function harborUrl(site: Site): string {
  const vip = platformOf(site).vips.find(({ name }) => name === "registry");
  if (!vip) throw new Error(`${site.name}: it has no VIP registry; the environment was not checked by its rules`);
  return `https://${vip.fqdn}`;
}

export function declaredHarbor(topology: Topology, site: Site): DeclaredHarbor {
  const { projects, accounts, replication } = topology.registry;
  if (!projects || !accounts) throw new Error(`${topology.platform}: the environment was not checked by its rules`);
  const other = topology.sites.find(({ name }) => name !== site.name);
  return {
    system: { project_creation_restriction: "adminonly", self_registration: false, robot_name_prefix: robotPrefix },
    projects: projectsOf(topology).map((name) => ({
      name,
      metadata: metadata(projects),
      quotaBytes: projects.quotaGib * 1024 ** 3,
      keep: projects.keep,
      immutableTags: projects.immutableTags,
    })),
    accounts: registryAccounts(topology).map((account) => ({
      ...{ name: account.name, ...accounts },
      permissions: permissions(account),
    })),
    destination: other && { name: other.name, url: harborUrl(other), account: robotPrefix + replicationAccount },
    policies: other && fills(site) ? policies(replication) : [],
  };
}

/** Harbor keeps all of them as text. */
const metadata = ({ refuseFrom }: RegistryProjects): DeclaredProject["metadata"] => ({
  public: "false",
  auto_scan: "true",
  reuse_sys_cve_allowlist: "true",
  prevent_vul: String(refuseFrom !== undefined),
  severity: refuseFrom ?? "none",
});

/** The least with which each does its work: https://goharbor.io/docs/main/administration/robot-accounts/#permission-references */
function permissions({ does, reads, writes }: RegistryAccount): Permission[] {
  const allowed = (namespace: string, ...words: string[]): Permission => ({
    kind: namespace === "/" ? "system" : "project",
    namespace,
    access: words.map((word) => {
      const [resource = "", action = ""] = word.split(":");
      return { resource, action };
    }),
  });
  switch (does) {
    case "pulls":
      return reads.map((project) => allowed(project, "repository:pull"));
    case "pushes":
      return reads.map((project) =>
        writes.includes(project) ? allowed(project, "repository:pull", "repository:push") : allowed(project, "repository:pull"),
      );
    case "replicates":
      // It asks which projects there are before it pushes to them.
      return [allowed("/", "project:list"), ...writes.map((project) => allowed(project, "repository:pull", "repository:push"))];
    case "monitors":
      return [allowed("/", "project:list", "quota:list")];
  }
}

/** Events that fail are not tried again, so all is compared besides. Deletions are each site's own. */
function policies(replication: RegistryReplication): DeclaredPolicy[] {
  const { exceptTags, overwrites = false, mbitPerSecond, everyMinutes } = replication;
  const common = {
    filters: [
      { type: "name", value: "**" },
      ...(exceptTags === undefined ? [] : [{ type: "tag", value: exceptTags, decoration: "excludes" }]),
    ],
    override: overwrites,
    speed: mbitPerSecond === undefined ? 0 : Math.floor((mbitPerSecond * 1_000_000) / 1024),
  };
  return [
    { name: replicationPolicies.events, trigger: { type: "event_based" }, ...common },
    {
      name: replicationPolicies.all,
      trigger: { type: "scheduled", trigger_settings: { cron: cronEvery(everyMinutes) } },
      ...common,
    },
  ];
}

/** With seconds first, as Harbor has it; as often as that, or the next more often that divides an hour or a day. */
export function cronEvery(minutes: number): string {
  if (minutes < 60) return `0 */${largestPart(60, minutes)} * * * *`;
  const hours = Math.floor(minutes / 60);
  return hours >= 24 ? "0 0 0 * * *" : `0 0 */${largestPart(24, hours)} * * *`;
}

/** The largest part that divides the whole, and is not above the most. */
function largestPart(whole: number, most: number): number {
  let part = most;
  while (whole % part !== 0) part--;
  return part;
}
