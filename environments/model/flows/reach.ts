import { addressNumber, parseNetwork } from "../addresses.ts";
import { type Plane, platformZone, type Site, type Topology } from "../topology.ts";
import { type Party, withRole } from "./party.ts";
import type { FlowRow, Protocol } from "./table.ts";

/** Something that sends or receives packets, in one plane. */
export interface Place {
  /** As the question named it. */
  readonly label: string;
  readonly address: string;
  /** Absent outside the platform. */
  readonly site?: string;
  readonly zone?: string;
  /** Absent where nobody of the platform has the address: a VIP's holders, or a host. */
  readonly hosts?: readonly string[];
}

export interface Question {
  readonly from: Place;
  readonly to: Place;
  readonly plane: Plane;
  readonly protocol: Protocol;
  /** Ignored where the protocol has no ports. */
  readonly port: number;
}

export interface Answer {
  /** The rows that permit it; none where something stops it. */
  readonly rows: readonly FlowRow[];
  /** Which gateway pairs it passes, as zones in their order, as in `dc1-internet`; empty within a zone. */
  readonly gateways: readonly string[];
  /** The first layer that stops it; absent where it is permitted. */
  readonly stoppedBy?: string;
}

/** Names of zones whose gateways a packet passes; another site is reached through both platform zones, who hold the link between the sites. */
export function gatewaysBetween(from: Pick<Place, "site" | "zone">, to: Pick<Place, "site" | "zone">): string[] {
  const name = ({ site, zone }: Pick<Place, "site" | "zone">): string[] => (site && zone ? [`${site}-${zone}`] : []);
  if (from.site === to.site && from.zone === to.zone) return [];
  const isBetweenSites = from.site !== undefined && to.site !== undefined && from.site !== to.site;
  const link = isBetweenSites ? [`${from.site}-${platformZone}`, `${to.site}-${platformZone}`] : [];
  return [...new Set([...name(from), ...link, ...name(to)])];
}

const within = (cidrs: readonly string[], address: number): boolean =>
  cidrs.some((cidr) => {
    const network = parseNetwork(cidr);
    return network !== undefined && address >= network.first && address <= network.last;
  });

const hasEnd = (party: Party, { address, site }: Place): boolean =>
  // A network outside is nobody of the platform, however wide it is.
  party.site === site && within(party.cidrs, addressNumber(address) ?? Number.NaN);

/** The rows that permit a connection. */
export const rowsPermitting = (rows: readonly FlowRow[], { from, to, plane, protocol, port }: Question): FlowRow[] =>
  rows.filter(
    (row) =>
      row.plane === plane &&
      row.protocol === protocol &&
      (row.ports.length === 0 || row.ports.includes(port)) &&
      hasEnd(row.from, from) &&
      hasEnd(row.to, to),
  );

/** Whether the rows permit a connection, which of them, and otherwise what stops it first. */
export function answer(rows: readonly FlowRow[], question: Question): Answer {
  const { from, to } = question;
  const permitting = rowsPermitting(rows, question);
  const gateways = gatewaysBetween(from, to);
  if (permitting.length > 0) return { rows: permitting, gateways };
  return { rows: [], gateways, stoppedBy: stopper(from, to, gateways) };
}

function stopper(from: Place, to: Place, gateways: readonly string[]): string {
  if (from.site === undefined && to.site === undefined) return "nothing of this platform: neither end is in it";
  if (to.site !== undefined && to.hosts === undefined) return `nobody: no host has ${to.address}`;
  const [first] = gateways;
  if (first === undefined) return `the rules of ${to.hosts?.join(" and ") ?? to.label}: what no row permits is dropped`;
  return `the gateways of ${first}: what no row permits is dropped`;
}

/**
 * What a word means in a plane: a host, a `<site>-<zone>/<vip>`, a `<site>-<zone>` (its applications: one of its workers, which have the same rows), an address,
 * or the name of a network outside; undefined for anything else.
 */
export function placeOf(topology: Topology, word: string, plane: Plane): Place | undefined {
  const zones = topology.sites.flatMap((site: Site) => site.zones);
  for (const zone of zones) {
    const { site, name } = zone;
    const host = zone.hosts.find((one) => one.name === word || one.addresses[plane] === word);
    if (host) return { label: host.name, address: host.addresses[plane], site, zone: name, hosts: [host.name] };
    const [worker] = word === `${site}-${name}` ? withRole(zone, "worker") : [];
    if (worker) return { label: word, address: worker.addresses[plane], site, zone: name, hosts: [worker.name] };
    const vip = zone.vips.find((one) => one.plane === plane && (one.address === word || `${site}-${name}/${one.name}` === word));
    if (vip) return { label: `${site}-${name}/${vip.name}`, address: vip.address, site, zone: name, hosts: vip.holders };
  }
  const number = addressNumber(word);
  if (number !== undefined) {
    const zone = zones.find(({ planes }) => within([planes[plane].cidr], number));
    return { label: word, address: word, ...(zone && { site: zone.site, zone: zone.name }) };
  }
  const [network] = topology.networks[word] ?? (word === "operators" ? topology.operators : []);
  return network === undefined ? undefined : { label: word, address: network.split("/")[0] ?? "" };
}
