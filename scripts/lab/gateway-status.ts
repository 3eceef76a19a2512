import { type Host, planes, uplinksOf, type Zone } from "../../environments/model/topology.ts";
import type { Asked, Reading, Word } from "./core-status.ts";
import { addressesIn } from "./links.ts";

/** What the gateways of a zone hold together. */
const heldTogether = (zone: Zone, host: Host): string[] => [
  ...planes.map((plane) => zone.planes[plane].gateway),
  ...uplinksOf(zone, host).map(({ address }) => address),
];

const parts = { "packet filter": "nft list table inet tandem > /dev/null 2>&1", keepalived: "pgrep -x keepalived > /dev/null" };

/** A gateway is asked on the host itself. */
export function gatewayReading(host: Host, zone: Zone): Reading {
  const asked = Object.entries(parts).map(([name, command]) => `${command} && echo '${name}'`);
  return {
    command: ["ip -json address", ...asked].join("; "),
    read: (output) => gatewayWord(output, heldTogether(zone, host)),
  };
}

/** All of the zone's addresses move together, so a gateway holds all or none. Pure. */
export function gatewayWord(output: string, together: readonly string[]): Word {
  const [addresses = "", ...running] = output.split("\n");
  const held = addressesIn(addresses).filter((address) => together.includes(address));
  const missing = Object.keys(parts).filter((name) => !running.includes(name));
  const isWhole = held.length === 0 || held.length === together.length;
  const says = [
    ...missing.map((name) => `no ${name}`),
    ...(isWhole ? [] : [`holds ${held.length} of the zone's ${together.length} addresses`]),
  ];
  return {
    says: says.join("; ") || (held.length > 0 ? "holds the zone's addresses" : "stands by"),
    isWell: says.length === 0,
    holds: held.length > 0 ? ["zone"] : [],
  };
}

/** The gateways of a zone in words. */
export interface ZoneGateways {
  /** As in `dc1-policy`. */
  readonly zone: string;
  readonly says: string;
  /** All are well, and one holds the zone's addresses. */
  readonly isWell: boolean;
}

/** Pure. */
export function gatewaysOf(hosts: readonly Asked[]): ZoneGateways[] {
  const byZone = Map.groupBy(
    hosts.filter(({ host }) => host.role === "gateway"),
    ({ host }) => `${host.site}-${host.zone}`,
  );
  return [...byZone].map(([zone, pair]) => {
    const holders = pair.filter(({ word }) => word?.holds?.length).map(({ host }) => host.shortName);
    const well = pair.filter(({ word }) => word?.isWell).length;
    return {
      zone,
      says: `${well} of ${pair.length} serve, addresses at ${holders.join(" and ") || "none"}`,
      isWell: well === pair.length && holders.length === 1,
    };
  });
}
