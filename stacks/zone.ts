import * as pulumi from "@pulumi/pulumi";
import { HostPreparation } from "../components/host/host-preparation.ts";
import { PacketFilter } from "../components/network/packet-filter.ts";
import { flowTable, rowsByReceiver } from "../environments/model/flows/table.ts";
import type { Site, Topology, Zone } from "../environments/model/topology.ts";
import { trustedAuthorities } from "./credentials.ts";
import { declareHosts } from "./hosts.ts";

/** A zone of a site: its hosts, prepared, on their three planes. */
export async function zone(topology: Topology, site: Site, zone: Zone): Promise<Record<string, unknown>> {
  const { hosts, identity } = await declareHosts(topology, { site, zone }, zone.hosts);
  const authorities = await trustedAuthorities(topology);
  const received = rowsByReceiver(flowTable(topology));
  const prepared = [...hosts.values()].map((host) => {
    const { place } = host;
    const preparation = new HostPreparation(`preparation-${place.name}`, { host, topology, zone, authorities });
    if (place.role !== "gateway") {
      const filtered = { host, topology, zone, received: received.get(place.name) ?? [] };
      new PacketFilter(`packet-filter-${place.name}`, filtered, { dependsOn: preparation });
    }
    return preparation;
  });
  const names = topology.trust.authorities.map(({ name }) => name);
  // Recorded only when all hosts trust them: the next step of a rotation asks for it.
  return { identity, authorities: pulumi.all(prepared.map(({ trusts }) => trusts)).apply(() => names) };
}
