import { platformZone, type Site, type Topology, type Zone } from "./topology.ts";

/** The registry of whichever site asks: an image has one name at both sites, and comes from the site's own registry. */
export const registryName = ({ dns }: Pick<Topology, "dns">): string => `registry.${dns.domain}`;

/** The first word of an image's repository: a zone's images are its own, the platform zone's are everybody's. */
export const projectsOf = ({ sites }: Pick<Topology, "sites">): string[] =>
  [...new Set(sites.flatMap(({ zones }) => zones.map(({ name }) => name)))].toSorted();

/** Who logs in to the registries. Both sites know the same, by the same passwords, so that each can take the other's place. */
export interface RegistryAccount {
  readonly name: string;
  /** What it is for. `replicates`: it fills the standby site's registry, and writes nowhere else. */
  readonly does: "pulls" | "pushes" | "replicates" | "monitors";
  /** Projects that it reads. */
  readonly reads: readonly string[];
  /** Projects that it writes. */
  readonly writes: readonly string[];
}

export function registryAccounts(topology: Pick<Topology, "sites">): RegistryAccount[] {
  const projects = projectsOf(topology);
  const ofProjects = projects.flatMap((project): RegistryAccount[] => {
    const reads = [...new Set([...sharedProjects, project])].toSorted();
    return [
      { name: `pull-${project}`, does: "pulls", reads, writes: [] },
      { name: `push-${project}`, does: "pushes", reads, writes: [project] },
    ];
  });
  return [
    ...ofProjects,
    { name: replicationAccount, does: "replicates", reads: projects, writes: projects },
    { name: "monitoring", does: "monitors", reads: [], writes: [] },
  ];
}

/** As whom a zone's nodes get their images. */
export function pullingAccount(topology: Pick<Topology, "sites">, zone: Pick<Zone, "name">): RegistryAccount {
  const account = registryAccounts(topology).find(({ name }) => name === `pull-${zone.name}`);
  if (!account) throw new Error(`${zone.name}: no site has this zone`);
  return account;
}

/** Read by all zones. */
const sharedProjects = [platformZone];

export const replicationAccount = "replication";

/** What Harbor puts before the name of an account that is no person's. */
export const robotPrefix = "robot$";

/** What an account logs in as. */
export const loginOf = ({ flavors }: Pick<Topology, "flavors">, account: string): string =>
  flavors.registry === "harbor" ? robotPrefix + account : account;

/** Of an account's password in the trust stack. */
export const registryPassword = (account: string): string => `registry-${account}`;

/** What Harbor's parts prove themselves with to one another, and its administrator to it. In the trust stack by the name of `registryPassword`. */
export const harborPasswords = [
  "administrator",
  "core",
  "csrf",
  "database",
  "encryption",
  "jobservice",
  "redis",
  "storage",
  "uploads",
] as const;
export type HarborPassword = (typeof harborPasswords)[number];

/** Of one of Harbor's own passwords. */
export const harborPassword = (name: HarborPassword): string => registryPassword(`harbor-${name}`);

/** Of the key that signs what its clients show to Harbor: whoever is let in at one site is at the other. */
export const harborTokenKey = "registry-harbor-tokens";

/** A site's registry serves images to its own site, and is filled by people and delivery at the active site alone. */
export const fills = ({ role }: Pick<Site, "role">): boolean => role === "active";
