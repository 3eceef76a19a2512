import { platformZone } from "../topology.ts";
import type { FlowRow } from "./table.ts";

/** A sequence of permitted connections that ends in another zone than it began in. */
export interface Crossing {
  /** Zones as in `internet`; outside ends have no part in it. */
  readonly from: string;
  readonly to: string;
  /** Names of the flows, one after the other. */
  readonly by: readonly string[];
}

interface Hop {
  readonly row: string;
  /** A zone of a site. */
  readonly target: string;
}

/**
 * The ways from a business zone into another one, through whatever hosts pass on what they receive, of shared services and of zones that a way led
 * into: a shortest one for each flow that a way ends by. What the platform's own services ask of a zone's hosts on the management plane is no way
 * into it: they ask every zone the same.
 */
export function crossingsOf(rows: readonly FlowRow[]): Crossing[] {
  const hops = new Map<string, Hop[]>();
  for (const { name, source: asked, from, to, plane, protocol } of rows) {
    const isServices = asked === "platform" && to.zone !== platformZone && plane === "management";
    if (protocol === "vrrp" || isServices || from.site === undefined || to.site === undefined) continue;
    const [source, target] = [`${from.site} ${from.zone}`, `${to.site} ${to.zone}`];
    hops.set(source, [...(hops.get(source) ?? []), { row: name, target }]);
  }
  const found = new Map<string, Crossing>();
  for (const start of hops.keys()) {
    const [, startZone = ""] = start.split(" ");
    if (startZone === platformZone) continue;
    const seen = new Set([start]);
    const queue: { readonly at: string; readonly by: readonly string[] }[] = [{ at: start, by: [] }];
    for (let step = queue.shift(); step; step = queue.shift())
      for (const { row, target } of hops.get(step.at) ?? []) {
        const [, zone = ""] = target.split(" ");
        const by = [...step.by, row];
        const key = [startZone, zone, row].join(" ");
        // Sites have the same flows: what is found on one of them is not told again.
        if (zone !== startZone && zone !== platformZone && !found.has(key)) found.set(key, { from: startZone, to: zone, by });
        if (seen.has(target)) continue;
        seen.add(target);
        queue.push({ at: target, by });
      }
  }
  return [...found.values()];
}
