import { type Host, type HostRole, hostRoles, type Plane, planes, type Zone } from "../../environments/model/topology.ts";
import { type Box, rect, text } from "./svg.ts";

/** A zone as a card: its hosts by role, below them its three planes as coloured bands with the VIPs on them. */
export interface ZonePicture {
  readonly height: number;
  /** Where the zone's way to the core begins, from the card's top. */
  readonly exit: number;
  readonly draw: (x: number, y: number) => string[];
}

export const zoneWidth = 660;
const padding = 14;
const headerHeight = 34;
const chip = { width: 52, height: 38, gap: 6 };
const groupTitle = 18;
const groupPadding = 7;
const band = { height: 28, gap: 4 };
const mostChips = 8;

export const roleColors: Readonly<Record<HostRole, string>> = {
  gateway: "#ea580c",
  balancer: "#9333ea",
  "control-plane": "#2563eb",
  database: "#0d9488",
  nas: "#a16207",
  registry: "#db2777",
  worker: "#475569",
};

export const planeColors: Readonly<Record<Plane, { readonly fill: string; readonly ink: string }>> = {
  business: { fill: "#dbeafe", ink: "#1e40af" },
  management: { fill: "#ede9fe", ink: "#5b21b6" },
  storage: { fill: "#d1fae5", ink: "#065f46" },
};

const markedFill = "#fde047";

interface Group {
  readonly role: HostRole;
  readonly hosts: readonly Host[];
  readonly width: number;
  readonly height: number;
}

/** Lays a zone out, hosts of some names marked; its gateways stand at the side where the site's core network runs. */
export function zonePicture(zone: Zone, purpose: string, coreSide: "left" | "right", marked: ReadonlySet<string>): ZonePicture {
  const groups = hostRoles.map((role) => groupOf(role, zone.hosts)).filter(({ hosts }) => hosts.length > 0);
  const gateway = groups.find(({ role }) => role === "gateway");
  const reserved = gateway ? gateway.width + 10 : 0;
  const left = padding + (coreSide === "left" ? reserved : 0);
  const placed = flow(
    groups.filter(({ role }) => role !== "gateway"),
    zoneWidth - 2 * padding - reserved,
  );
  const hostsHeight = Math.max(gateway?.height ?? 0, ...placed.map(({ y, group }) => y + group.height), 0);
  const bandsTop = headerHeight + hostsHeight + 12;
  const height = bandsTop + planes.length * (band.height + band.gap) + padding - band.gap;
  const exit = headerHeight + (gateway?.height ?? 60) / 2;
  return {
    height,
    exit,
    draw: (x, y) => [
      rect({ x, y, width: zoneWidth, height }, "#ffffff", { radius: 10, stroke: "#cbd5e1" }),
      text(x + padding, y + 23, zone.name, { size: 16, weight: 700 }),
      text(x + zoneWidth - padding, y + 23, purpose, { size: 12, fill: "#64748b", anchor: "end" }),
      ...placed.flatMap(({ group, x: dx, y: dy }) => drawGroup(group, marked, x + left + dx, y + headerHeight + dy)),
      ...(gateway
        ? drawGroup(
            gateway,
            marked,
            coreSide === "left" ? x + padding : x + zoneWidth - padding - gateway.width,
            y + headerHeight,
          )
        : []),
      ...planes.flatMap((plane, index) => drawBand(zone, plane, x + padding, y + bandsTop + index * (band.height + band.gap))),
    ],
  };
}

function groupOf(role: HostRole, all: readonly Host[]): Group {
  const hosts = all.filter((host) => host.role === role);
  const shown = Math.max(1, Math.min(hosts.length, mostChips));
  const width = shown * (chip.width + chip.gap) - chip.gap + 2 * groupPadding;
  return {
    role,
    hosts,
    width: Math.max(width, role.length * 7 + 2 * groupPadding),
    height: groupTitle + chip.height + 2 * groupPadding - 2,
  };
}

/** Groups one after another, in as many rows as they need. */
function flow(groups: readonly Group[], width: number): { group: Group; x: number; y: number }[] {
  let x = 0;
  let y = 0;
  return groups.map((group) => {
    if (x > 0 && x + group.width > width) {
      x = 0;
      y += group.height + 8;
    }
    const place = { group, x, y };
    x += group.width + 8;
    return place;
  });
}

function drawGroup({ role, hosts, width, height }: Group, marked: ReadonlySet<string>, x: number, y: number): string[] {
  const color = roleColors[role];
  const shown = hosts.length > mostChips ? hosts.slice(0, mostChips - 1) : hosts;
  const at = (index: number): Box => ({
    x: x + groupPadding + index * (chip.width + chip.gap),
    y: y + groupTitle + groupPadding - 4,
    width: chip.width,
    height: chip.height,
  });
  return [
    rect({ x, y, width, height }, `${color}14`, { radius: 7 }),
    text(x + groupPadding, y + 14, role, { size: 11, weight: 600, fill: color }),
    ...shown.flatMap((host, index) => drawHost(host, marked.has(host.name) ? markedFill : "#ffffff", at(index), color)),
    ...(hosts.length > mostChips ? [drawMore(hosts.length - shown.length, at(mostChips - 1), color)] : []),
  ];
}

function drawHost(host: Host, fill: string, box: Box, color: string): string[] {
  const middle = box.x + box.width / 2;
  return [
    rect(box, fill, { radius: 5, stroke: color }),
    text(middle, box.y + 17, host.shortName, { size: 13, weight: 600, anchor: "middle" }),
    text(middle, box.y + 31, `${host.rack}  .${host.addresses.management.split(".").at(-1)}`, {
      size: 10,
      fill: "#64748b",
      anchor: "middle",
    }),
  ];
}

const drawMore = (count: number, box: Box, color: string): string =>
  text(box.x + box.width / 2, box.y + 24, `+ ${count}`, { size: 13, weight: 600, fill: color, anchor: "middle" });

function drawBand(zone: Zone, plane: Plane, x: number, y: number): string[] {
  const { fill, ink } = planeColors[plane];
  const { cidr, vlan } = zone.planes[plane];
  const width = zoneWidth - 2 * padding;
  const vips = zone.vips
    .filter((vip) => vip.plane === plane)
    .map(({ name, address }) => `${name.startsWith("gateway-") ? "gateway" : name} .${address.split(".").at(-1)}`);
  let right = x + width - 6;
  const pills = vips.toReversed().flatMap((label) => {
    const pill = Math.round(label.length * 6.6) + 18;
    right -= pill + 6;
    return [
      rect({ x: right + 6, y: y + 5, width: pill, height: band.height - 10 }, "#ffffff", { radius: 9, stroke: ink }),
      text(right + 6 + pill / 2, y + 18, label, { size: 11, weight: 600, fill: ink, anchor: "middle" }),
    ];
  });
  return [
    rect({ x, y, width, height: band.height }, fill, { radius: 6 }),
    text(x + 10, y + 18, plane, { size: 12, weight: 700, fill: ink }),
    text(x + 104, y + 18, cidr, { size: 12, fill: ink, mono: true }),
    text(x + 228, y + 18, `VLAN ${vlan}`, { size: 11, fill: ink }),
    ...pills,
  ];
}
