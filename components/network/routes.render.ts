import { everywhere, type Party } from "../../environments/model/flows/party.ts";
import type { FlowRow } from "../../environments/model/flows/table.ts";
import {
  type Host,
  type Plane,
  planes,
  platformZone,
  type Site,
  type Topology,
  uplinksOf,
  type Zone,
} from "../../environments/model/topology.ts";
import { managed } from "../managed.render.ts";
import type { GatewayDevices } from "./gateway.render.ts";
import { passingRows, type Side } from "./sides.render.ts";

/** ifupdown runs what is here for each interface that comes up, in Debian's own order of a boot. */
export const routesFile = "/etc/network/if-up.d/tandem-routes";

/** Ours in the kernel are known by this number; those of IANA's daemons are others. */
const protocol = 84;
/** The first of the planes' own tables; a rule has its table's number as its place. */
const firstTable = 1001;
/** Before the planes' own: the way to a pod is the same whoever asks, and so the kernel's look at where a pod's packet comes from. */
const podsRule = firstTable - 1;

/** Routes and rules as the kernel lists them, sorted. */
export type Routing = readonly string[];

const sorted = (lines: readonly string[]): Routing => [...new Set(lines)].sort();

/** As the kernel writes a network: a single address has no length. */
const shown = (cidr: string): string => cidr.replace(/\/32$/, "");

const zoneOf = ({ sites }: Topology, { site, zone }: Party): Zone | undefined =>
  sites.find(({ name }) => name === site)?.zones.find(({ name }) => name === zone);

/**
 * The routes of a host that is no gateway: everything outside of its zone by the zone's gateway in the plane that the table's rows name, all else by
 * the business plane; on a worker, the pods of the zone's other workers by these, and of no other zone. What it answers leaves by the plane that it was asked on, whoever asks: each plane has a table of its own.
 *
 * @param rows those that the host sends or receives
 */
export function hostRouting(
  topology: Topology,
  zone: Zone,
  host: Host,
  devices: Readonly<Record<Plane, string>>,
  rows: readonly FlowRow[],
): Routing {
  const beyond = (plane: Plane): string[] =>
    rows
      .filter((row) => row.plane === plane)
      .flatMap(({ from, to }) => [from, to])
      .filter((party) => party.site !== zone.site || party.zone !== zone.name)
      .flatMap((party) => zoneOf(topology, party)?.planes[plane].cidr ?? party.cidrs)
      .filter((cidr) => cidr !== everywhere);
  return sorted([
    `default via ${zone.planes.business.gateway} dev ${devices.business}`,
    ...(host.role === "worker" ? waysToPods(zone, host, devices.business) : []),
    ...planes
      .filter((plane) => plane !== "business")
      .flatMap((plane) => beyond(plane).map((cidr) => `${shown(cidr)} via ${zone.planes[plane].gateway} dev ${devices[plane]}`)),
    ...planes.flatMap((plane, index) => {
      const { cidr, gateway } = zone.planes[plane];
      const table = firstTable + index;
      return [
        `${table}: from ${cidr} lookup ${table}`,
        `${cidr} dev ${devices[plane]} table ${table} scope link`,
        `default via ${gateway} dev ${devices[plane]} table ${table}`,
      ];
    }),
  ]);
}

function waysToPods({ hosts, pods }: Zone, { name }: Host, device: string): string[] {
  const others = hosts.filter((other) => other.role === "worker" && other.inService && other.name !== name);
  return [
    `${podsRule}: from all to ${pods.cidr} lookup main`,
    ...others.map((other) => `${pods.nodes[other.name]} via ${other.addresses.business} dev ${device}`),
  ];
}

/**
 * The routes of a zone's gateway: to the other zones of its site by the core network, to the other site by the link that the platform zone's gateways
 * hold, all else by the company's own router. What it asks itself, it asks by its management address.
 *
 * @param rows those of the zone's gateways
 */
export function gatewayRouting(
  topology: Topology,
  site: Site,
  zone: Zone,
  host: Host,
  devices: GatewayDevices,
  rows: readonly FlowRow[],
): Routing {
  const source = host.addresses.management;
  const platform = site.zones.find(({ name }) => name === platformZone);
  const next = (side: Side, there: Zone): string => {
    const via =
      side === "link"
        ? topology.sites.find(({ name }) => name === there.site)?.zones.find(({ name }) => name === platformZone)?.link
        : (there.site === site.name ? there : platform)?.core;
    if (!via || !uplinksOf(zone, host).some(({ name }) => name === via.name))
      throw new Error(`${host.name}: no way to ${there.site}-${there.name}`);
    return `via ${via.address} dev ${devices[via.name] ?? ""}`;
  };
  const ends = passingRows(site, zone, rows).flatMap(({ from, to, row }) => [
    { side: from, party: row.from, plane: row.plane },
    { side: to, party: row.to, plane: row.plane },
  ]);
  return sorted([
    `default via ${site.core.upstream} dev ${devices.core} src ${source}`,
    ...ends.flatMap(({ side, party, plane }) => {
      const there = zoneOf(topology, party);
      if (!there || side === plane) return [];
      return [`${there.planes[plane].cidr} ${next(side, there)} src ${source}`];
    }),
  ]);
}

/**
 * A script that makes the kernel's routes and rules these, and takes away what was ours and is none of them; with "differing" it prints what the
 * kernel has otherwise, and nothing else. For an interface that comes up it does that interface's part.
 */
export const renderRoutes = (routing: Routing): string => `#!/bin/sh
# ${managed}
set -eu
wanted() {
  cat << 'END'
${routing.join("\n")}
END
}
present() {
  ip -4 route show table all proto ${protocol} | sed 's/ linkdown//; s/ *$//'
  ip -4 rule show | tr '\\t' ' ' | sed -n '/^${podsRule}: /p; /^${firstTable}: /p; /^${firstTable + 1}: /p; /^${firstTable + 2}: /p'
}
without() { grep -vxF -e "$1" || true; }
as_commands() { sed -E 's/^([0-9]+): (.*)/rule '"$1"' pref \\1 \\2/; t; s/^.*/route '"$2"' & proto ${protocol}/'; }

case \${1:-} in
  differing)
    present | without "$(wanted)"
    wanted | without "$(present)"
    exit
    ;;
esac
case \${IFACE:-} in
  "" | --all)
    wanted | without "$(present)" | as_commands add replace | ip -4 -batch -
    present | without "$(wanted)" | as_commands del del | ip -4 -batch -
    ;;
  *) wanted | without "$(present)" | { grep -E "^[0-9]+: | dev $IFACE( |$)" || true; } | as_commands add replace | ip -4 -batch - ;;
esac
`;
