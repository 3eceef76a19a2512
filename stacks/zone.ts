import * as pulumi from "@pulumi/pulumi";
import { HostPreparation } from "../components/host/host-preparation.ts";
import type { Site, Topology, Zone } from "../environments/model/topology.ts";
import { trustedAuthorities } from "./credentials.ts";
import { declareHosts } from "./hosts.ts";

/** A zone of a site: its hosts, prepared, on their three planes. */
export async function zone(topology: Topology, site: Site, zone: Zone): Promise<Record<string, unknown>> {
  const { hosts, identity } = await declareHosts(topology, { site, zone }, zone.hosts);
  const authorities = await trustedAuthorities(topology);
  const prepared = [...hosts.values()].map(
    (host) => new HostPreparation(`preparation-${host.place.name}`, { host, topology, zone, authorities }),
  );
  const names = topology.trust.authorities.map(({ name }) => name);
  // Recorded only when all hosts trust them: the next step of a rotation asks for it.
  return { identity, authorities: pulumi.all(prepared.map(({ trusts }) => trusts)).apply(() => names) };
}
