import { isIPv6 } from "node:net";
import type { Probe } from "./probes.ts";

// Routes of an attacker, for `ip -batch`: by the source port of what takes them, so that the host's own traffic keeps its ways. All carry a
// mark of ours, by which they are found again: https://man7.org/linux/man-pages/man8/ip-rule.8.html

/** A routing protocol number that /etc/iproute2/rt_protos gives to nobody, and that is not the one of a host's own routes. */
const mark = 85;
/** Before every rule of the host itself. */
const preference = 500;

export function renderWays(probes: readonly Pick<Probe, "sourcePort" | "means" | "to">[]): string {
  const ways = new Map<number, readonly string[]>();
  const neighbours = new Set<string>();
  for (const { sourcePort, means, to } of probes) {
    const route = means?.route;
    if (!route) continue;
    const { device, via, hardware } = route;
    const [address = ""] = to.address.split("%");
    if (hardware !== undefined) neighbours.add(`neigh replace ${via ?? address} lladdr ${hardware} dev ${device} nud permanent`);
    // Link-local addresses need no route.
    if (isIPv6(address)) continue;
    const next = via === undefined ? "scope link" : `via ${via} onlink`;
    ways.set(sourcePort, [
      `rule add preference ${preference} sport ${sourcePort} lookup ${sourcePort} protocol ${mark}`,
      `route replace default ${next} dev ${device} table ${sourcePort} protocol ${mark}`,
    ]);
  }
  return [...[...ways.values()].flat(), ...neighbours, ""].join("\n");
}

/** Also of a run that was killed. Nothing else of a host has permanent neighbours. */
export const renderWaysRemoval: string = [
  `rule flush protocol ${mark}`,
  `route flush table all protocol ${mark}`,
  "neigh flush nud permanent",
  "",
].join("\n");
