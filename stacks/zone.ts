import { HostPreparation } from "../components/host/host-preparation.ts";
import type { Site, Topology, Zone } from "../environments/model/topology.ts";
import { declareHosts } from "./hosts.ts";
import { readTrust } from "./upstream.ts";

/** A zone of a site: its hosts, prepared, on their three planes. */
export async function zone(topology: Topology, site: Site, zone: Zone): Promise<Record<string, unknown>> {
  const { hosts, identity } = await declareHosts(topology, { site, zone }, zone.hosts);
  const authorityCertificate = (await readTrust(topology.platform)).apply((trust) => trust.authorityCertificate);
  for (const host of hosts.values()) {
    new HostPreparation(`preparation-${host.place.name}`, { host, topology, zone, authorityCertificate });
  }
  return { identity };
}
