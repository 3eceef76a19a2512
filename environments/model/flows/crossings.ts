import { platformZone } from "../topology.ts";
import type { FlowRow } from "./table.ts";

/** A sequence of permitted connections that ends on the business plane of another zone than it began in. */
export interface Crossing {
  /** Zones as in `internet`; outside ends have no part in it. */
  readonly from: string;
  readonly to: string;
  /** Names of the flows, one after the other. */
  readonly by: readonly string[];
}

interface Edge {
  readonly row: string;
  readonly target: string;
  readonly isBusiness: boolean;
}

/**
 * All shortest ways from hosts of one business zone to another zone's business plane, through whatever hosts pass on what they receive: those of
 * shared services too. A single flow that is an exception is one of them, and so is every way through it. A business zone passes nothing on that
 * an owner did not answer for, so ways end there.
 */
export function crossingsOf(rows: readonly FlowRow[]): Crossing[] {
  const edges = new Map<string, Edge[]>();
  for (const { name, from, to, plane, protocol } of rows) {
    if (protocol === "vrrp" || from.site === undefined || to.site === undefined) continue;
    const [source, target] = [`${from.site} ${from.zone}`, `${to.site} ${to.zone}`];
    edges.set(source, [...(edges.get(source) ?? []), { row: name, target, isBusiness: plane === "business" }]);
  }
  const found = new Map<string, Crossing>();
  for (const start of edges.keys()) {
    const [, startZone = ""] = start.split(" ");
    if (startZone === platformZone) continue;
    const seen = new Set([start]);
    const queue: { readonly at: string; readonly by: readonly string[] }[] = [{ at: start, by: [] }];
    for (let step = queue.shift(); step; step = queue.shift())
      for (const { row, target, isBusiness } of edges.get(step.at) ?? []) {
        const [, zone = ""] = target.split(" ");
        const by = [...step.by, row];
        if (isBusiness && zone !== startZone && zone !== platformZone)
          found.set([startZone, zone, ...by].join(" "), { from: startZone, to: zone, by });
        // What arrives at another business zone is judged there; what arrives at a shared service may go on.
        if (zone !== platformZone || seen.has(target)) continue;
        seen.add(target);
        queue.push({ at: target, by });
      }
  }
  return [...found.values()];
}
