import type { FlowRow } from "../../environments/model/flows/table.ts";
import { platformZone, type Site } from "../../environments/model/topology.ts";
import { type Box, document, rect, text } from "../env/svg.ts";
import { endName } from "./matrix.ts";

const margin = 28;
const top = 92;
const box = { width: 190, height: 74, gap: 46 } as const;
const columnGap = 330;
const colours = { business: "#0f766e", storage: "#7c3aed", management: "#b45309", exception: "#dc2626" } as const;

interface Placed extends Box {
  readonly name: string;
  readonly column: number;
}

/** The zones of a site and what the business lets pass between them and the outside, as an SVG. */
export function renderFlowPicture(platform: string, site: Site, all: readonly FlowRow[]): string {
  const rows = all.filter(({ source, from, to }) => source === "business" && (from.site ?? to.site) === site.name);
  const zones = site.zones.map(({ name }) => name);
  const outside = [
    ...new Set(rows.flatMap(({ from, to }) => [from, to]).flatMap(({ site: at, label }) => (at === undefined ? [label] : []))),
  ];
  const columns = [outside, zones.filter((name) => name !== platformZone), [platformZone]];
  const longest = Math.max(...columns.map(({ length }) => length));
  const height = top + longest * (box.height + box.gap) + margin;
  const placed = new Map(
    columns.flatMap((names, column) =>
      names.map((name, index): [string, Placed] => {
        const free = (longest - names.length) * (box.height + box.gap);
        const [x, y] = [margin + column * (box.width + columnGap), top + free / 2 + index * (box.height + box.gap)];
        return [name, { name, column, x, y, width: box.width, height: box.height }];
      }),
    ),
  );
  const width = 2 * margin + 3 * box.width + 2 * columnGap;
  return document(width, height, `Flows of ${platform}, ${site.name}`, [
    rect({ x: 0, y: 0, width, height }, "#f8fafc"),
    text(margin, margin + 20, `${platform}, ${site.name}: what the business lets pass`, {
      size: 24,
      weight: 800,
      fill: "#0f172a",
    }),
    text(margin, margin + 42, "Everything else between zones is dropped. The platform's own flows are in the sheet.", {
      size: 13,
      fill: "#475569",
    }),
    ...legend(width - margin),
    ...rows
      .flatMap((row, index) => arrow(row, placed, site.name, index))
      .sort((a, b) => a.layer - b.layer)
      .map(({ shape }) => shape),
    ...[...placed.values()].flatMap(node),
  ]);
}

function legend(right: number): string[] {
  return (["business", "storage", "management", "exception"] as const).map((name, index) =>
    text(right, margin + 12 + index * 16, name, { size: 12, weight: 700, fill: colours[name], anchor: "end" }),
  );
}

function node({ name, column, x, y, width, height }: Placed): string[] {
  const fill = column === 0 ? "#ffffff" : column === 1 ? "#ecfeff" : "#f5f3ff";
  return [
    rect({ x, y, width, height }, fill, { radius: 12, stroke: "#94a3b8", ...(column === 0 && { dash: "5 4" }) }),
    text(x + width / 2, y + height / 2 + 6, name, { size: 16, weight: 700, anchor: "middle" }),
  ];
}

interface Shape {
  /** Labels lie above all lines. */
  readonly layer: 0 | 1;
  readonly shape: string;
}

/** Each on a line of its own, so that two between the same boxes stay apart. */
function arrow(row: FlowRow, placed: ReadonlyMap<string, Placed>, site: string, index: number): Shape[] {
  const { name, from, to, plane, protocol, ports, exception } = row;
  const [a, b] = [placed.get(endName(from, site)), placed.get(endName(to, site))];
  if (!a || !b) return [];
  const stroke = exception ? colours.exception : colours[plane];
  const label = `${name}: ${protocol} ${ports.join(", ")}`;
  const spread = ((index * 17) % 44) - 22;
  const [y1, y2] = [a.y + a.height / 2 + spread, b.y + b.height / 2 + spread];
  const isWithin = a.column === b.column;
  const x1 = a.column <= b.column ? a.x + a.width : a.x;
  const x2 = a.column < b.column ? b.x : b.x + b.width;
  const control = isWithin ? x1 + 90 + Math.abs(spread) : (x1 + x2) / 2;
  const t = isWithin ? 0.2 : 0.5;
  const along = (p: number, q: number, r: number, s: number): number =>
    Math.round((1 - t) ** 3 * p + 3 * (1 - t) ** 2 * t * q + 3 * (1 - t) * t ** 2 * r + t ** 3 * s);
  const halfWidth = Math.round(label.length * 3.2);
  const [x, y] = [Math.max(along(x1, control, control, x2), isWithin ? x1 + halfWidth + 8 : 0), along(y1, y1, y2, y2)];
  const back = x2 > control ? -9 : 9;
  return [
    {
      layer: 0,
      shape: `<path d="M${x1} ${y1}C${Math.round(control)} ${y1} ${Math.round(control)} ${y2} ${x2} ${y2}" stroke="${stroke}" stroke-width="2" fill="none"/>`,
    },
    { layer: 0, shape: `<path d="M${x2} ${y2}l${back} -5v10z" fill="${stroke}"/>` },
    { layer: 1, shape: rect({ x: x - halfWidth, y: y - 10, width: 2 * halfWidth, height: 17 }, "#f8fafc", { radius: 4 }) },
    { layer: 1, shape: text(x, y + 3, label, { size: 11, weight: 600, fill: stroke, anchor: "middle" }) },
  ];
}
