import assert from "node:assert/strict";
import type { ServiceBehindVip } from "../../../components/balancer/balancer.render.ts";
import { loadEnvironment } from "../../../environments/model/load.ts";
import type { Host, Topology, Vip, Zone } from "../../../environments/model/topology.ts";
import { topologyOf } from "../../../environments/model/topology-of.ts";

// The pair of a platform's first site, and what stands behind its VIPs.

export interface Place {
  readonly topology: Topology;
  readonly zone: Zone;
  readonly hosts: readonly Host[];
  readonly vips: readonly Vip[];
}

export function placeOn(platform: string): Place {
  const topology = topologyOf(loadEnvironment(platform, platform === "lab" ? { slot: 0 } : {}));
  const zone = topology.sites[0]?.zones[0];
  assert.ok(zone);
  const hosts = zone.hosts.filter(({ role }) => role === "balancer");
  return { topology, zone, hosts, vips: zone.vips.filter(({ holders }) => holders.includes(hosts[0]?.name ?? "")) };
}

const serversOf = ({ zone }: Place, role: Host["role"], plane: "management" | "storage", port: number) =>
  zone.hosts.filter((host) => host.role === role).map(({ name, addresses }) => ({ name, address: addresses[plane], port }));

export function servicesOf(place: Place): ServiceBehindVip[] {
  const vip = (name: string): Vip => place.vips.find((each) => each.name === name) as Vip;
  return [
    {
      ...{ vip: vip("database"), port: 3306, servers: serversOf(place, "database", "storage", 3306) },
      ...{ serves: "one", check: { scheme: "http", port: 3380, path: "/writer" } },
    },
    {
      ...{ vip: vip("kubernetes-api"), port: 6443, servers: serversOf(place, "control-plane", "management", 6443) },
      ...{ serves: "all", check: { scheme: "https", path: "/readyz" } },
    },
  ];
}
