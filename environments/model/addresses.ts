import ipaddr from "ipaddr.js";
import type { VipName } from "./schema/sites.ts";
import type { HostRole, Plane } from "./topology.ts";

// The address plan: in every network the last numbers of an address tell what it is, the same in all zones, planes and sites.
// A host's number comes from its name, so adding or removing one never moves another.

interface Range {
  readonly first: number;
  readonly count: number;
}

/** Offsets in a network. Workers take the rest of it. */
export const hostOffsets: Readonly<Record<HostRole, Range>> = {
  gateway: { first: 2, count: 2 },
  balancer: { first: 4, count: 2 },
  "control-plane": { first: 10, count: 5 },
  database: { first: 15, count: 5 },
  nas: { first: 20, count: 2 },
  registry: { first: 22, count: 2 },
  worker: { first: 24, count: Number.POSITIVE_INFINITY },
};

interface VipPlan {
  readonly plane: Plane;
  readonly role: HostRole;
  readonly offset: number;
  /** Added to the site's hundred: the two sites stay apart on a stretched network too. */
  readonly vrid: number;
}

/** Where each VIP lies and which hosts hold it. The control plane is reached through management, data through storage. */
export const vipPlan: Readonly<Record<VipName, VipPlan>> = {
  "gateway-business": { plane: "business", role: "gateway", offset: 1, vrid: 1 },
  "gateway-management": { plane: "management", role: "gateway", offset: 1, vrid: 1 },
  "gateway-storage": { plane: "storage", role: "gateway", offset: 1, vrid: 1 },
  "kubernetes-api": { plane: "management", role: "balancer", offset: 6, vrid: 2 },
  database: { plane: "storage", role: "balancer", offset: 7, vrid: 3 },
  registry: { plane: "management", role: "balancer", offset: 8, vrid: 4 },
};

export const gatewayVip: Readonly<Record<Plane, VipName>> = {
  business: "gateway-business",
  management: "gateway-management",
  storage: "gateway-storage",
};

/** The machine's own place on a lab's management networks. */
export const operatorOffset = 9;

/** How many addresses of a core network a zone's gateways take: the one that they hold together, and their own. */
export const uplinkAddresses = 3;
/** A virtual router id is the offset of its address, so a core network gives its first addresses. */
export const lastUplinkOffset = 255 - uplinkAddresses;

/** The company's own router in a core network. */
export const upstreamAddress = (cidr: string): string | undefined => {
  const network = parseNetwork(cidr);
  return network && plannedAddress(network, 1);
};

/** What the platform zone's gateways of a site hold on the link between the sites. */
export const linkAddress = (cidr: string, siteNumber: number): string | undefined => {
  const network = parseNetwork(cidr);
  return network && plannedAddress(network, siteNumber * (uplinkAddresses + 1) + 1);
};

/** A network in numbers: first and last are its network and broadcast address. */
export interface Network {
  readonly cidr: string;
  readonly prefixLength: number;
  readonly first: number;
  readonly last: number;
}

/** A platform has a few hundred addresses, and its table asks for each of them ten thousands of times. */
function remembering<T>(read: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    if (!known.has(text)) known.set(text, read(text));
    return known.get(text) as T;
  };
}

/** An address as a number; undefined where it is not a plain dotted one (leading zeros, too few parts, too large). */
export const addressNumber = remembering((text: string): number | undefined => {
  if (!ipaddr.IPv4.isValidFourPartDecimal(text)) return undefined;
  return ipaddr.IPv4.parse(text)
    .toByteArray()
    .reduce((number, byte) => number * 256 + byte, 0);
});

export function addressText(number: number): string {
  return new ipaddr.IPv4([number >>> 24, (number >>> 16) & 255, (number >>> 8) & 255, number & 255]).toString();
}

/** The network of a CIDR, rounded down; undefined where it is not one. Compare `cidr` with the text to see whether it was canonical. */
export const parseNetwork = remembering((text: string): Network | undefined => {
  const [base = "", prefix = "", ...rest] = text.split("/");
  const address = addressNumber(base);
  if (address === undefined || rest.length > 0 || !/^(0|[1-9]|[12][0-9]|3[0-2])$/.test(prefix)) return undefined;
  const prefixLength = Number(prefix);
  const size = 2 ** (32 - prefixLength);
  const first = Math.floor(address / size) * size;
  return { cidr: `${addressText(first)}/${prefixLength}`, prefixLength, first, last: first + size - 1 };
});

/** Whether an address is one that a host of the network can have. */
export function isHostAddress(network: Network, address: number): boolean {
  return address > network.first && address < network.last;
}

/** The number at the end of a host's short name. */
export function hostNumber(shortName: string): number {
  return Number(/[0-9]+$/.exec(shortName)?.[0] ?? Number.NaN);
}

/** A host's planned address in a network; undefined where the role's range or the network has no room for its number. */
export function plannedHostAddress(network: Network, role: HostRole, shortName: string): string | undefined {
  const number = hostNumber(shortName);
  const range = hostOffsets[role];
  if (!(number >= 1 && number <= range.count)) return undefined;
  return plannedAddress(network, range.first + number - 1);
}

/** The address at an offset of a network; undefined where the network is too small. */
export function plannedAddress(network: Network, offset: number): string | undefined {
  const address = network.first + offset;
  return isHostAddress(network, address) ? addressText(address) : undefined;
}

/** How many workers a network has room for. */
export function workerRoom(network: Network): number {
  return Math.max(0, network.last - network.first - hostOffsets.worker.first);
}

/** Each worker's part of its zone's pods: 254 addresses, for 110 pods (kubelet's own bound) and those that are just going or coming. */
export const nodePodsPrefix = 24;
const nodePodsSize = 2 ** (32 - nodePodsPrefix);

/** How many workers a zone's pods have room for. */
export const nodePodsRoom = (pods: Network): number => Math.floor((pods.last - pods.first + 1) / nodePodsSize);

/** The part of a worker, by its number; undefined where the zone's pods have no room for it. */
export function nodePods(pods: Network, shortName: string): string | undefined {
  const number = hostNumber(shortName);
  if (!(number >= 1 && number <= nodePodsRoom(pods))) return undefined;
  return `${addressText(pods.first + (number - 1) * nodePodsSize)}/${nodePodsPrefix}`;
}

/**
 * Where a zone's pods ask for names: the tenth address of the service range, moved by the place of the zone's pods among all pods, so that no two zones
 * have the same. Undefined where the range has no room for it.
 */
export function zoneDnsAddress(all: Network, pods: Network, services: Network): string | undefined {
  return plannedAddress(services, 10 + (pods.first - all.first) / nodePodsSize);
}
