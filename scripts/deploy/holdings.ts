import type { StackPlan } from "../../environments/model/stack-names.ts";
import type { Topology } from "../../environments/model/topology.ts";

/** What a stack holds, in a few words. */
export function holdingsOf(stack: StackPlan, topology: Topology): string {
  const zones = topology.sites.filter((site) => site.name === stack.site).flatMap((site) => site.zones);
  switch (stack.kind) {
    case "machines":
      return `${counted(topology.sites.flatMap((site) => site.zones.flatMap((zone) => zone.hosts)).length, "machine")} as containers, their networks`;
    case "trust":
      return "certificate authorities, certificates and passwords of both sites";
    case "zone":
      return `zone ${stack.zone} of ${stack.site}: ${counted(zones.find((zone) => zone.name === stack.zone)?.hosts.length ?? 0, "host")}, their preparation and planes`;
    case "core":
      return `core of ${stack.site}: configuration directories of database, balancers, control plane`;
    case "services":
      return `services of ${stack.site}: configuration directories of NAS, registry; the platform zone's nodes, namespaces and name service`;
  }
}

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;
