import { ServiceDirectory } from "../components/host/service-directory.ts";
import { type HostRole, platformZone, type Site, type Topology } from "../environments/model/topology.ts";
import { declareHosts } from "./hosts.ts";

const coreRoles: readonly HostRole[] = ["balancer", "control-plane", "database"];
const serviceRoles: readonly HostRole[] = ["nas", "registry"];

/** The core of a site: database, balancers, control plane. */
export const core = (topology: Topology, site: Site): Promise<Record<string, unknown>> =>
  placeOnPlatformZone(topology, site, coreRoles);

/** What stands on the core: NAS, registry. */
export const services = (topology: Topology, site: Site): Promise<Record<string, unknown>> =>
  placeOnPlatformZone(topology, site, serviceRoles);

async function placeOnPlatformZone(topology: Topology, site: Site, roles: readonly HostRole[]): Promise<Record<string, unknown>> {
  const places = site.zones
    .filter((zone) => zone.name === platformZone)
    .flatMap((zone) => zone.hosts.filter((host) => roles.includes(host.role)));
  const { hosts, identity } = await declareHosts(topology, { site }, places);
  for (const host of hosts.values()) {
    new ServiceDirectory(`${host.place.role}-${host.place.name}`, { host, service: host.place.role });
  }
  return { identity };
}
