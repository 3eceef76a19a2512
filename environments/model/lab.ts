import { addressText, parseNetwork } from "./addresses.ts";
import type { Environment } from "./schema.ts";
import type { Plane } from "./topology.ts";

/** Slots that a lab can take: the second octet of its addresses goes up by its slot. */
export const labSlots = 100;

/** The same lab with all its addresses in the slot's own range, so that two labs of one machine stay apart. */
export function relocate(environment: Environment, slot: number): Environment {
  if (!Number.isInteger(slot) || slot < 0 || slot >= labSlots)
    throw new RangeError(`slot ${slot}: a whole number from 0 to ${labSlots - 1}`);
  const home = environment.lab && parseNetwork(environment.lab.supernet);
  if (!home) throw new Error(`${environment.platform}: only a lab can be relocated`);
  const from = addressText(home.first).split(".").slice(0, 2).join(".");
  const to = addressText(home.first + slot * 2 ** 16)
    .split(".")
    .slice(0, 2)
    .join(".");
  return moved(environment, `${from}.`, `${to}.`) as Environment;
}

/** Every address and network in the environment is a text that begins with its octets, and nothing else is. */
function moved(value: unknown, from: string, to: string): unknown {
  if (typeof value === "string") return value.startsWith(from) ? to + value.slice(from.length) : value;
  if (Array.isArray(value)) return value.map((item) => moved(item, from, to));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, moved(item, from, to)]));
}

/** Names of what a lab makes on its machine. */
export const labNames = {
  container: (id: string, host: string): string => `tandem-${id}-${host}`,
  planeNetwork: (id: string, site: string, zone: string, plane: Plane): string => `tandem-${id}-${site}-${zone}-${plane}`,
  // Behind all planes in the order of names, by which an engine names a machine's interfaces: "_" comes after "-".
  coreNetwork: (id: string, site: string): string => `tandem-${id}_core-${site}`,
  interSiteNetwork: (id: string): string => `tandem-${id}_link`,
  /** A bridge's name has at most 15 characters, so it is the slot and the network's VLAN number on its site. */
  bridge: (slot: number, siteNumber: number, vlan: number): string => `td${slot}-${siteNumber}-${vlan}`,
  /** Below a lab's directory: the tree of a zone on its site's NAS. */
  nasTree: (site: string, zone: string): string => `${labNames.nas(site)}/${zone}`,
  nas: (site: string): string => `nas/${site}`,
  interSiteBridge: (slot: number): string => `td${slot}-link`,
} as const;
