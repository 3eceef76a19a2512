import type { Topology } from "../../environments/model/topology.ts";
import { type Thing, thingsOf } from "./things.ts";

export interface Change {
  readonly change: "added" | "removed" | "changed";
  readonly kind: Thing["kind"];
  readonly name: string;
  /** What is said of it: before and after; one of them missing where the thing or the fact is new or gone. */
  readonly facts: readonly { readonly fact: string; readonly before?: string; readonly after?: string }[];
}

/** Facts that every platform has of its own, so that comparing two platforms by them says nothing. */
const own = new Set([
  "network",
  "networks",
  "VLAN",
  "core network",
  "core VLAN",
  "inter-site link",
  "inter-site VLAN",
  "address",
  "operators",
  "domain",
  "SSH",
]);

/** What differs between two platforms or two versions of one, in the platform's own terms. */
export function compare(before: Topology, after: Topology, options: { readonly withAddresses: boolean }): Change[] {
  const skip = (fact: string): boolean => !options.withAddresses && (own.has(fact) || fact.endsWith(" address"));
  const [old, current] = [before, after].map(
    (topology) => new Map(thingsOf(topology).map((thing) => [`${thing.kind} ${thing.name}`, thing])),
  );
  if (!old || !current) return [];
  const keys = [...new Set([...old.keys(), ...current.keys()])];
  const changes = keys.flatMap((key) => changeOf(old.get(key), current.get(key), skip));
  return changes.sort((a, b) => kindOrder.indexOf(a.kind) - kindOrder.indexOf(b.kind));
}

const kindOrder: readonly Thing["kind"][] = [
  "platform",
  "site",
  "zone",
  "host",
  "VIP",
  "plane",
  "flow",
  "outside network",
  "size",
  "image",
  "timing",
];

function changeOf(before: Thing | undefined, after: Thing | undefined, skip: (fact: string) => boolean): Change[] {
  const thing = after ?? before;
  if (!thing) return [];
  const names = [...new Set([...Object.keys(before?.facts ?? {}), ...Object.keys(after?.facts ?? {})])].filter(
    (fact) => !skip(fact),
  );
  const facts = names
    .map((fact) => ({ fact, before: before?.facts[fact], after: after?.facts[fact] }))
    .filter((each) => each.before !== each.after)
    .map(({ fact, before: old, after: current }) => ({
      fact,
      ...(old !== undefined && { before: old }),
      ...(current !== undefined && { after: current }),
    }));
  const change = before && after ? "changed" : after ? "added" : "removed";
  return change === "changed" && facts.length === 0 ? [] : [{ change, kind: thing.kind, name: thing.name, facts }];
}
