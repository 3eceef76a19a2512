import type { Host as HostPlace, HostRole, Vip, Zone } from "../environments/model/topology.ts";

/** A zone's hosts of some roles. */
export const placesOf = (zone: Zone, roles: readonly HostRole[]): HostPlace[] =>
  zone.hosts.filter((host) => roles.includes(host.role));

export function vipOf(zone: Zone, name: string): Vip {
  const vip = zone.vips.find((each) => each.name === name);
  if (!vip) throw new Error(`${zone.site} ${zone.name}: it has no VIP ${name}`);
  return vip;
}
