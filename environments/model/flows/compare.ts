import type { Plane } from "../topology.ts";
import type { Party } from "./party.ts";
import type { FlowRow, Protocol } from "./table.ts";

/** A connection between two ends, on one port. */
export interface Connection {
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

/** A zone as in `dc1-internet`, or an address; outside, its name. */
const endOf = ({ site, zone, label }: Party, level: Level, cidr: string): string => {
  if (level === "hosts") return site === undefined ? `${label} ${cidr}` : cidr;
  return site === undefined ? label : `${site}-${zone}`;
};

const endsOf = (party: Party, level: Level): string[] => [...new Set(party.cidrs.map((cidr) => endOf(party, level, cidr)))];

/** The connections of a table, each once. */
export function connectionsOf(rows: readonly FlowRow[], level: Level): Map<string, Connection> {
  const found = new Map<string, Connection & { readonly rows: string[] }>();
  for (const { name, from, to, plane, protocol, ports } of rows)
    for (const source of endsOf(from, level))
      for (const target of endsOf(to, level))
        for (const port of ports.length > 0 ? ports : [undefined]) {
          if (level === "hosts" && source === target) continue;
          const key = [source, target, plane, protocol, port ?? ""].join(" ");
          const known = found.get(key);
          if (!known)
            found.set(key, { from: source, to: target, plane, protocol, ...(port !== undefined && { port }), rows: [name] });
          else if (!known.rows.includes(name)) known.rows.push(name);
        }
  return found;
}

/** What a change opens and closes. At the level of zones, what only moves between hosts of one zone is no change. */
export function compareFlows(before: readonly FlowRow[], after: readonly FlowRow[], level: Level): FlowChanges {
  const [was, is] = [connectionsOf(before, level), connectionsOf(after, level)];
  const missing = (all: ReadonlyMap<string, Connection>, other: ReadonlyMap<string, Connection>): Connection[] =>
    [...all].flatMap(([key, connection]) => (other.has(key) ? [] : [connection]));
  return { opened: missing(is, was), closed: missing(was, is) };
}
