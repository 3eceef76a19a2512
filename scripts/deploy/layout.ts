import { planes, type Site, type Topology, type Zone } from "../../environments/model/topology.ts";

// The layout as plain text, for a terminal: sites side by side, a box a zone. Pure.

const width = 58;

/** Sites, zones, planes and hosts as a picture of text. */
export function renderLayout(topology: Topology): string {
  const columns = topology.sites.map(siteLines);
  const height = Math.max(...columns.map((lines) => lines.length));
  const rows = Array.from({ length: height }, (_, row) =>
    columns
      .map((lines) => (lines[row] ?? "").padEnd(width))
      .join("  ")
      .trimEnd(),
  );
  const link = topology.sites.map((site) => site.interSite.cidr);
  return [...rows, `link between the sites: ${[...new Set(link)].join(", ")}`].join("\n");
}

function siteLines(site: Site): string[] {
  return [
    `${site.name} (${site.role})   core network ${site.core.cidr}, VLAN ${site.core.vlan}`,
    ...site.zones.flatMap(zoneLines),
  ];
}

function zoneLines(zone: Zone): string[] {
  const inner = width - 4;
  const networks = planes.map(
    (plane) => `${plane.padEnd(10)} ${zone.planes[plane].cidr.padEnd(18)} VLAN ${zone.planes[plane].vlan}`,
  );
  const byRole = Map.groupBy(zone.hosts, (host) => host.role);
  const hosts = [...byRole].flatMap(([role, own]) => wrapped(`${role}: ${own.map((host) => host.shortName).join(" ")}`, inner));
  const title = `─ ${zone.name} `;
  return [
    `┌${title}${"─".repeat(width - 2 - title.length)}┐`,
    ...[...networks, ...hosts].map((line) => `│ ${line.padEnd(inner)} │`),
    `└${"─".repeat(width - 2)}┘`,
  ];
}

function wrapped(text: string, limit: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= limit) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(lines.length === 0 ? word : `  ${word}`);
  }
  return lines;
}
