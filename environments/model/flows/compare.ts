import { addressText, type Network, parseNetwork } from "../addresses.ts";
import type { Plane } from "../topology.ts";
import type { Party } from "./party.ts";
import type { FlowRow, Protocol } from "./table.ts";

/** A connection between two ends, on one port. */
export interface Connection {
  /** A zone as in `dc1-internet`, or one of its addresses; outside, a network's name with addresses of it, as in `bank 203.0.113.128/25`. */
  readonly from: string;
  readonly to: string;
  readonly plane: Plane;
  readonly protocol: Protocol;
  /** Absent where the protocol has none. */
  readonly port?: number;
  /** Names of the rows that permit it. */
  readonly rows: readonly string[];
}

export interface FlowChanges {
  readonly opened: readonly Connection[];
  readonly closed: readonly Connection[];
}

export type Level = "zones" | "hosts";

/** Where networks outside begin, and where the addresses after them do, by the networks' names. */
type Bounds = ReadonlyMap<string, ReadonlySet<number>>;

const networksOf = ({ cidrs }: Party): Network[] => cidrs.flatMap((cidr) => parseNetwork(cidr) ?? []);

function boundsOf(rows: readonly FlowRow[]): Bounds {
  const bounds = new Map<string, Set<number>>();
  for (const party of rows.flatMap(({ from, to }) => [from, to])) {
    if (party.site !== undefined) continue;
    const known = bounds.get(party.label) ?? new Set();
    for (const { first, last } of networksOf(party)) known.add(first).add(last + 1);
    bounds.set(party.label, known);
  }
  return bounds;
}

/** As a network where it is one, otherwise as in `10.0.0.3-10.0.0.9`. */
function rangeText(first: number, last: number): string {
  const size = last - first + 1;
  const prefixLength = 32 - Math.log2(size);
  const isNetwork = Number.isInteger(prefixLength) && first % size === 0;
  return isNetwork ? `${addressText(first)}/${prefixLength}` : `${addressText(first)}-${addressText(last)}`;
}

function endsOf(party: Party, level: Level, bounds: Bounds): string[] {
  const { site, zone, label, cidrs } = party;
  if (site !== undefined) return level === "hosts" ? [...cidrs] : cidrs.slice(0, 1).map(() => `${site}-${zone}`);
  const ranges = networksOf(party).flatMap(({ first, last }) => {
    const starts = [...(bounds.get(label) ?? [])].filter((bound) => bound >= first && bound <= last).sort((a, b) => a - b);
    return starts.map((start, index) => rangeText(start, (starts[index + 1] ?? last + 1) - 1));
  });
  return [...new Set(ranges)].map((range) => `${label} ${range}`);
}

/** The connections of a table, each once. */
function connectionsOf(rows: readonly FlowRow[], level: Level, bounds: Bounds): Map<string, Connection> {
  const found = new Map<string, Connection & { readonly rows: string[] }>();
  for (const { name, from, to, plane, protocol, ports } of rows) {
    const [sources, targets] = [endsOf(from, level, bounds), endsOf(to, level, bounds)];
    for (const source of sources)
      for (const target of targets)
        for (const port of ports.length > 0 ? ports : [undefined]) {
          if (level === "hosts" && source === target) continue;
          const key = [source, target, plane, protocol, port ?? ""].join(" ");
          const known = found.get(key);
          if (!known)
            found.set(key, { from: source, to: target, plane, protocol, ...(port !== undefined && { port }), rows: [name] });
          else if (!known.rows.includes(name)) known.rows.push(name);
        }
  }
  return found;
}

/**
 * What a change opens and closes. At the level of zones, what only moves between hosts of one zone is no change; addresses outside always are: both
 * tables' networks are divided where either of them has a bound, so that what stays permitted is in both.
 */
export function compareFlows(before: readonly FlowRow[], after: readonly FlowRow[], level: Level): FlowChanges {
  const bounds = boundsOf([...before, ...after]);
  const [was, is] = [connectionsOf(before, level, bounds), connectionsOf(after, level, bounds)];
  const missing = (all: ReadonlyMap<string, Connection>, other: ReadonlyMap<string, Connection>): Connection[] =>
    [...all].flatMap(([key, connection]) => (other.has(key) ? [] : [connection]));
  return { opened: missing(is, was), closed: missing(was, is) };
}
