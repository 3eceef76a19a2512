import type { Zone } from "../topology.ts";
import type { Party } from "./party.ts";
import type { FlowRow } from "./table.ts";

/** A zone alone stands for where its applications run; what the platform's own programs need is not theirs. */
export const isApplicationsOf = ({ site, name }: Zone, party: Party): boolean =>
  party.site === site && party.zone === name && party.label === name;

/** What the business's flows say of a zone's applications, at either end. */
export const applicationRows = (table: readonly FlowRow[], zone: Zone): FlowRow[] =>
  table.filter(
    ({ source, protocol, from, to }) =>
      source === "business" &&
      (protocol === "tcp" || protocol === "udp") &&
      [from, to].some((party) => isApplicationsOf(zone, party)),
  );

/** Rows by which others come to a zone's applications: their ports are ports of its nodes, and those of the pods behind them. */
export const nodePortRows = (table: readonly FlowRow[], zone: Zone): FlowRow[] =>
  applicationRows(table, zone).filter(
    ({ plane, from, to }) => plane === "business" && isApplicationsOf(zone, to) && !isApplicationsOf(zone, from),
  );

/** The same as ports, each once. */
export function nodePortsOf(
  table: readonly FlowRow[],
  zone: Zone,
): { readonly protocol: "tcp" | "udp"; readonly port: number }[] {
  const all = nodePortRows(table, zone).flatMap(({ protocol, ports }) =>
    protocol === "tcp" || protocol === "udp" ? ports.map((port) => ({ protocol, port })) : [],
  );
  return [...new Map(all.map((one) => [`${one.protocol} ${one.port}`, one])).values()];
}
