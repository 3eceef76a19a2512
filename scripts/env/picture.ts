import type { Environment } from "../../environments/model/schema.ts";
import { platformZone, type Site, type Topology } from "../../environments/model/topology.ts";
import { type ZonePicture, zonePicture, zoneWidth } from "./picture-zone.ts";
import { document, line, rect, text } from "./svg.ts";

const margin = 28;
const titleHeight = 64;
const siteHeader = 52;
const sitePadding = 18;
const zoneGap = 14;
const core = { width: 44, gap: 26 };
const linkWidth = 150;
const siteWidth = sitePadding * 2 + zoneWidth + core.gap + core.width;
const coreColor = "#334155";

interface SitePicture {
  readonly site: Site;
  readonly coreSide: "left" | "right";
  readonly zones: readonly { readonly picture: ZonePicture; readonly y: number }[];
  readonly height: number;
}

/** The platform as an SVG: the two sites side by side, what is in each zone, and how zones and sites are joined; hosts of some names marked. */
export function renderPicture(
  topology: Topology,
  purposes: Environment["zones"],
  marked: ReadonlySet<string> = new Set(),
): string {
  const sites = [...topology.sites]
    .sort((a, b) => a.name.localeCompare(b.name))
    .map((site, index) => layOut(site, purposes, index === 0 ? "right" : "left", marked));
  const height = Math.max(...sites.map((site) => site.height));
  const width = 2 * margin + sites.length * siteWidth + (sites.length - 1) * linkWidth;
  const top = margin + titleHeight;
  const hosts = topology.sites.flatMap((site) => site.zones.flatMap((zone) => zone.hosts)).length;
  const summary = `${topology.sites.length} sites, ${topology.sites[0]?.zones.length ?? 0} zones each, three planes a zone, ${hosts} hosts; ${topology.stage}, availability ${topology.availability}`;
  return document(width, top + height + margin, `Platform ${topology.platform}`, [
    rect({ x: 0, y: 0, width, height: top + height + margin }, "#f8fafc"),
    text(margin, margin + 24, topology.platform, { size: 28, weight: 800, fill: "#0f172a" }),
    text(margin, margin + 46, summary, { size: 14, fill: "#475569" }),
    text(width - margin, margin + 46, "On a host: its rack and the last number of its addresses", {
      size: 12,
      fill: "#64748b",
      anchor: "end",
    }),
    ...sites.flatMap((site, index) => drawSite(site, margin + index * (siteWidth + linkWidth), top, height)),
    ...(sites.length === 2 && sites[0] ? drawLink(sites[0], top, height) : []),
  ]);
}

function layOut(
  site: Site,
  purposes: Environment["zones"],
  coreSide: "left" | "right",
  marked: ReadonlySet<string>,
): SitePicture {
  let y = siteHeader;
  const zones = site.zones.map((zone) => {
    const purpose = zone.name === platformZone ? "Shared services" : (purposes[zone.name]?.purpose ?? "");
    const placed = { picture: zonePicture(zone, purpose, coreSide, marked), y };
    y += placed.picture.height + zoneGap;
    return placed;
  });
  return { site, coreSide, zones, height: y - zoneGap + sitePadding };
}

function drawSite({ site, coreSide, zones }: SitePicture, x: number, y: number, height: number): string[] {
  const active = site.role === "active";
  const accent = active ? "#15803d" : "#64748b";
  const zonesX = x + sitePadding + (coreSide === "left" ? core.width + core.gap : 0);
  const coreX = coreSide === "left" ? x + sitePadding : x + siteWidth - sitePadding - core.width;
  const badge = { x: x + sitePadding + site.name.length * 14 + 14, y: y + 17, width: 76, height: 22 };
  const coreY = y + siteHeader;
  const coreHeight = height - siteHeader - sitePadding;
  const middle = coreX + core.width / 2;
  const coreLabel = `core network ${site.core.cidr}, VLAN ${site.core.vlan}`;
  return [
    rect({ x, y, width: siteWidth, height }, active ? "#f0fdf4" : "#f1f5f9", {
      radius: 16,
      stroke: active ? "#86efac" : "#cbd5e1",
    }),
    text(x + sitePadding, y + 35, site.name, { size: 24, weight: 800, fill: "#0f172a" }),
    rect(badge, accent, { radius: 11 }),
    text(badge.x + badge.width / 2, badge.y + 15, site.role, { size: 12, weight: 700, fill: "#ffffff", anchor: "middle" }),
    text(x + siteWidth - sitePadding, y + 34, `racks ${site.racks.join(", ")}`, { size: 12, fill: "#64748b", anchor: "end" }),
    ...zones.flatMap(({ picture, y: dy }) => {
      const exit = y + dy + picture.exit;
      return coreSide === "left"
        ? [line(coreX + core.width, exit, zonesX + 14, exit, "#ea580c", 3)]
        : [line(zonesX + zoneWidth - 14, exit, coreX, exit, "#ea580c", 3)];
    }),
    rect({ x: coreX, y: coreY, width: core.width, height: coreHeight }, coreColor, { radius: 10 }),
    `<g transform="rotate(-90 ${middle} ${coreY + coreHeight / 2})">${text(middle, coreY + coreHeight / 2 + 5, coreLabel, { size: 14, weight: 600, fill: "#ffffff", anchor: "middle" })}</g>`,
    ...zones.flatMap(({ picture, y: dy }) => picture.draw(zonesX, y + dy)),
    ...zones.map(({ picture, y: dy }) => {
      const exit = y + dy + picture.exit;
      const edge = coreSide === "left" ? zonesX : zonesX + zoneWidth;
      return `<circle cx="${edge}" cy="${exit}" r="6" fill="#ea580c" stroke="#ffffff" stroke-width="2"/>`;
    }),
  ];
}

function drawLink({ site }: SitePicture, y: number, height: number): string[] {
  const from = margin + siteWidth - sitePadding;
  const to = margin + siteWidth + linkWidth + sitePadding;
  const middle = (from + to) / 2;
  const at = y + Math.round(height / 2);
  return [
    text(middle, at - 34, "inter-site link", { size: 14, weight: 700, anchor: "middle" }),
    text(middle, at - 16, site.interSite.cidr, { size: 12, anchor: "middle", mono: true }),
    line(from, at - 4, to, at - 4, coreColor, 4),
    line(from, at + 4, to, at + 4, coreColor, 4),
    text(middle, at + 26, `VLAN ${site.interSite.vlan}`, { size: 12, anchor: "middle", fill: "#475569" }),
  ];
}
