import Table from "cli-table3";
import type { Party } from "../../environments/model/flows/party.ts";
import type { FlowRow } from "../../environments/model/flows/table.ts";
import { type Plane, planes, type Site } from "../../environments/model/topology.ts";

/** One cell: what may connect, as in `tcp 443, 8443`. */
export type Cells = ReadonlyMap<string, ReadonlyMap<string, readonly string[]>>;

/** Zones of the site by their names; of the other site with it, as in `dc2-platform`; networks outside by their names. */
export const endName = ({ site, zone, label }: Party, home: string): string =>
  site === undefined ? label : site === home ? (zone ?? "") : `${site}-${zone}`;

/** What may connect on a plane of a site, from zone to zone. */
export function cellsOf(rows: readonly FlowRow[], site: string, plane: Plane): Cells {
  const cells = new Map<string, Map<string, Map<string, Set<number>>>>();
  for (const { from, to, plane: on, protocol, ports } of rows) {
    if (on !== plane || (from.site !== site && to.site !== site)) continue;
    const [source, target] = [endName(from, site), endName(to, site)];
    const line = cells.get(source) ?? new Map<string, Map<string, Set<number>>>();
    const cell = line.get(target) ?? new Map<string, Set<number>>();
    const known = cell.get(protocol) ?? new Set<number>();
    for (const port of ports) known.add(port);
    cells.set(source, line.set(target, cell.set(protocol, known)));
  }
  const listed = (protocol: string, ports: ReadonlySet<number>): string =>
    [protocol, [...ports].sort((a, b) => a - b).join(", ")].join(" ").trim();
  return new Map(
    [...cells].map(([source, line]) => [
      source,
      new Map([...line].map(([target, cell]) => [target, [...cell].map(([protocol, ports]) => listed(protocol, ports))])),
    ]),
  );
}

const targetsOf = (cells: Cells): string[] => [...new Set([...cells.values()].flatMap((line) => [...line.keys()]))].sort();

/** A site's planes one after the other, for a terminal. */
export function renderMatrix(rows: readonly FlowRow[], site: Site, wanted: readonly Plane[] = planes): string {
  return wanted
    .map((plane) => {
      const cells = cellsOf(rows, site.name, plane);
      const targets = targetsOf(cells);
      const table = new Table({ head: [`${plane}: from \\ to`, ...targets], style: { head: [], border: [] } });
      for (const [source, line] of [...cells].sort(([a], [b]) => a.localeCompare(b)))
        table.push([source, ...targets.map((target) => line.get(target)?.join("\n") ?? "")]);
      return `${site.name}, plane ${plane}; what is not here is dropped\n${table.toString()}\n`;
    })
    .join("\n");
}

/** The same for a pull request. */
export function renderMatrixMarkdown(rows: readonly FlowRow[], site: Site, wanted: readonly Plane[] = planes): string {
  return wanted
    .map((plane) => {
      const cells = cellsOf(rows, site.name, plane);
      const targets = targetsOf(cells);
      return [
        `**${site.name}, plane ${plane}** (what is not here is dropped)`,
        "",
        `| from \\ to | ${targets.join(" | ")} |`,
        `|---|${targets.map(() => "---|").join("")}`,
        ...[...cells]
          .sort(([a], [b]) => a.localeCompare(b))
          .map(([source, line]) => `| ${source} | ${targets.map((target) => line.get(target)?.join("; ") ?? "").join(" | ")} |`),
        "",
      ].join("\n");
    })
    .join("\n");
}
