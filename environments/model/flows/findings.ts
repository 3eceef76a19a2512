import { parseNetwork } from "../addresses.ts";
import type { Topology } from "../topology.ts";
import type { Party } from "./party.ts";
import type { FlowRow } from "./table.ts";

/** Something about a table that nobody forbids and somebody should look at. */
export interface Finding {
  /** Name of the flow. */
  readonly flow: string;
  readonly what: string;
}

/** Rows that nothing uses, rows that others permit already, and exceptions that are over or soon will be. */
export function findingsOf(topology: Topology, rows: readonly FlowRow[], today: string): Finding[] {
  return [...unused(topology, rows), ...shadowed(rows), ...endingExceptions(topology, today)];
}

function unused({ flows, sites }: Topology, rows: readonly FlowRow[]): Finding[] {
  return flows.flatMap(({ name, from, to }) =>
    sites.flatMap((site): Finding[] => {
      const own = rows.filter((row) => row.name === name && [row.from.site, row.to.site].includes(site.name));
      const empty = ["from", "to"] as const;
      const ends = empty.filter((end) => own.some((row) => row[end].cidrs.length === 0));
      if (own.length > 0 && ends.length === 0) return [];
      const word = ends[0] === "to" ? to : from;
      return [{ flow: name, what: `unused on ${site.name}: no host in service is ${word}` }];
    }),
  );
}

const covers = (wide: Party, narrow: Party): boolean =>
  wide.site === narrow.site &&
  narrow.cidrs.every((cidr) => {
    const inner = parseNetwork(cidr);
    return wide.cidrs.some((other) => {
      const outer = parseNetwork(other);
      return inner !== undefined && outer !== undefined && outer.first <= inner.first && inner.last <= outer.last;
    });
  });

function shadowed(rows: readonly FlowRow[]): Finding[] {
  const found = new Map<string, Finding>();
  for (const row of rows.filter(({ source }) => source === "business"))
    for (const other of rows) {
      const isWider =
        other.name !== row.name &&
        other.plane === row.plane &&
        other.protocol === row.protocol &&
        row.ports.every((port) => other.ports.includes(port)) &&
        covers(other.from, row.from) &&
        covers(other.to, row.to);
      if (isWider && row.from.cidrs.length > 0 && row.to.cidrs.length > 0)
        found.set(`${row.name} ${other.name}`, { flow: row.name, what: `permitted already by ${other.name}` });
    }
  return [...found.values()];
}

/** Days before its last one from which an exception is worth a word. */
const noticeDays = 60;

/** Exceptions that are over, whose flows stay open until they are taken out of the file, and those that will be within some days. */
export function endingExceptions({ flows }: Topology, today: string, days = noticeDays): Finding[] {
  const notice = new Date(Date.parse(today) + days * 24 * 3600 * 1000).toISOString().slice(0, 10);
  return flows.flatMap(({ name, exception }) => {
    if (!exception || exception.expires >= notice) return [];
    const when = exception.expires < today ? "is over since" : "ends on";
    return [{ flow: name, what: `its exception ${when} ${exception.expires}; ${exception.owner} answers for it` }];
  });
}
