import { fills, projectsOf, type RegistryAccount, registryAccounts } from "../../environments/model/registry.ts";
import type { Host, Site, Topology } from "../../environments/model/topology.ts";

// What the renderers of a site's registry have in common.

const directory = "/etc/tandem/registry";
export const registryPaths = {
  server: `${directory}/config.yml`,
  front: `${directory}/front.cfg`,
  /** Secret: who may log in. */
  accounts: `${directory}/accounts.cfg`,
  /** Secret: certificate and key. */
  certificate: `${directory}/certificate.pem`,
  inventory: `${directory}/inventory`,
  data: "/var/lib/registry",
  /** How far the other site's follows this one. */
  replicated: "/var/lib/registry/replication",
} as const;

/** A registry as its host sees it. */
export interface SiteRegistry {
  readonly host: Host;
  /** Whether people and delivery push images here; the other site's is filled by replication. */
  readonly isFilledHere: boolean;
  /** Where they do. */
  readonly filledAt: string;
  readonly projects: readonly string[];
  readonly accounts: readonly RegistryAccount[];
}

export function siteRegistry(topology: Topology, site: Site, host: Host): SiteRegistry {
  const active = topology.sites.find(fills);
  if (!active) throw new Error(`${topology.platform}: no site is active; the environment was not checked by its rules`);
  return {
    host,
    isFilledHere: site.name === active.name,
    filledAt: active.name,
    projects: projectsOf(topology),
    accounts: registryAccounts(topology),
  };
}

/** What the parts of a registry may take of its host's memory. */
const shares = { server: 0.5, front: 0.25, replication: 0.25 } as const;
export const memoryMibOf = ({ size }: Pick<Host, "size">, part: keyof typeof shares): number =>
  Math.floor(size.memoryGib * 1024 * shares[part]);
