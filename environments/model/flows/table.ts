import { type Flow, type Plane, platformZone, type Topology } from "../topology.ts";
import { type Party, partyOf } from "./party.ts";
import { platformRows } from "./platform.ts";

// The one table of connectivity: rules of gateways and hosts, network policies, probes and exports come from it, and nothing else may connect.

export type Protocol = "tcp" | "udp" | "icmp" | "vrrp";

/** One permitted kind of connection between two ends. What answers an established connection is permitted with it. */
export interface FlowRow {
  /** Of the flow in the environment file, or of what the platform needs, as in `galera`; the same on every site. */
  readonly name: string;
  readonly source: "business" | "platform";
  readonly from: Party;
  readonly to: Party;
  readonly plane: Plane;
  readonly protocol: Protocol;
  /** Destination ports; empty where the protocol has none. */
  readonly ports: readonly number[];
  readonly purpose: string;
  readonly owner: string;
  readonly exception?: Flow["exception"];
}

/** Business flows in the file's order, then the platform's own, site by site. */
export function flowTable(topology: Topology): FlowRow[] {
  return [...businessRows(topology), ...platformRows(topology)];
}

function businessRows(topology: Topology): FlowRow[] {
  return topology.flows.flatMap((flow) =>
    topology.sites.flatMap((site) => {
      const { name, plane, protocol, ports, purpose, owner, exception } = flow;
      const [from, to] = [flow.from, flow.to].map((word) => partyOf(topology, site, word, plane));
      if (!from || !to) return [];
      return [
        { name, source: "business" as const, from, to, plane, protocol, ports, purpose, owner, ...(exception && { exception }) },
      ];
    }),
  );
}

/** Rows by the name of each host that receives them: what a host's own rules are made of. */
export const rowsByReceiver = (table: readonly FlowRow[]): RowsByName => rowsBy(table, ({ to }) => to.hosts);

/** Rows by the name of each host that sends or receives them: what a host's routes are made of. */
export const rowsByEnd = (table: readonly FlowRow[]): RowsByName =>
  rowsBy(table, ({ from, to }) => new Set([...from.hosts, ...to.hosts]));

/**
 * Rows by each zone, as in `dc1-policy`, whose gateways have to do with them: the zones of both ends, and between sites the platform zones, whose
 * gateways hold the link. What their rules and routes are made of.
 */
export const rowsByZone = (table: readonly FlowRow[]): RowsByName =>
  rowsBy(table, ({ from, to }) => {
    const isBetweenSites = from.site !== undefined && to.site !== undefined && from.site !== to.site;
    const zonesOf = ({ site, zone }: Party): string[] =>
      site === undefined ? [] : [`${site}-${zone}`, ...(isBetweenSites ? [`${site}-${platformZone}`] : [])];
    return new Set([...zonesOf(from), ...zonesOf(to)]);
  });

type RowsByName = ReadonlyMap<string, readonly FlowRow[]>;

function rowsBy(table: readonly FlowRow[], namesOf: (row: FlowRow) => Iterable<string>): RowsByName {
  const found = new Map<string, FlowRow[]>();
  for (const row of table)
    for (const name of namesOf(row)) {
      const rows = found.get(name) ?? [];
      rows.push(row);
      found.set(name, rows);
    }
  return found;
}
