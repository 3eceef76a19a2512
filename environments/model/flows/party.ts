import {
  type Host,
  type HostRole,
  hostRoles,
  type Plane,
  planes,
  platformZone,
  type Site,
  type Topology,
  type Zone,
} from "../topology.ts";

/** One end of a connection, as seen in one plane. */
export interface Party {
  /** As in `internet`, `platform/database`, `customers`, `operators`. */
  readonly label: string;
  /** Absent outside the platform. */
  readonly site?: string;
  readonly zone?: string;
  /** Names of the hosts that send or answer; those that can hold the address, where the end is a VIP. Empty outside the platform. */
  readonly hosts: readonly string[];
  /** Addresses and networks, as CIDR. */
  readonly cidrs: readonly string[];
}

/** Who operates a zone's hosts. In a lab the machine does, by an address of its own in each zone. */
export function operatorsOf({ operators }: Topology, { site, name, planes }: Zone): Party {
  const { operatorAddress } = planes.management;
  if (operatorAddress === undefined) return outside("operators", operators);
  return { label: "operators", site, zone: name, hosts: [], cidrs: [single(operatorAddress)] };
}

const single = (address: string): string => `${address}/32`;

/** As a network outside: everybody who is not of the platform. */
export const everywhere = "0.0.0.0/0";

/** Networks outside the platform, by a name of the environment file. */
export const outside = (label: string, cidrs: readonly string[]): Party => ({ label, hosts: [], cidrs });

/** Hosts of one zone. */
export const hostsParty = (label: string, zone: Zone, hosts: readonly Host[], plane: Plane): Party => ({
  ...{ label, site: zone.site, zone: zone.name },
  hosts: hosts.map(({ name }) => name),
  cidrs: hosts.map(({ addresses }) => single(addresses[plane])),
});

export const withRole = (zone: Zone, role: HostRole): Host[] => zone.hosts.filter((host) => host.role === role && host.inService);

export function roleParty(zone: Zone, role: HostRole, plane: Plane): Party {
  const label = `${zone.name}/${role}`;
  const { site, name, externalNas } = zone;
  if (role === "nas" && plane === "storage" && externalNas !== undefined)
    return { label, site, zone: name, hosts: [], cidrs: [single(externalNas)] };
  return hostsParty(label, zone, withRole(zone, role), plane);
}

/** A VIP of a zone; undefined where the zone has none of that name. */
export function vipParty(zone: Zone, name: string): Party | undefined {
  const vip = zone.vips.find((one) => one.name === name);
  return (
    vip && { label: `${zone.name}/${name}`, site: zone.site, zone: zone.name, hosts: vip.holders, cidrs: [single(vip.address)] }
  );
}

export const platformOf = (site: Site): Zone => {
  const zone = site.zones.find(({ name }) => name === platformZone);
  if (!zone) throw new Error(`${site.name}: no zone ${platformZone}`);
  return zone;
};

/**
 * What a word of the environment file means on a site: a zone alone stands for where its applications run, its workers, whose pods leave the
 * zone with their node's address.
 */
export function partyOf(topology: Topology, site: Site, word: string, plane: Plane): Party | undefined {
  const networks = topology.networks[word];
  if (networks) return outside(word, networks);
  const [zoneName = "", part] = word.split("/");
  const zone = site.zones.find(({ name }) => name === zoneName);
  if (!zone) return undefined;
  if (part === undefined) return hostsParty(word, zone, withRole(zone, "worker"), plane);
  // Where a role and a VIP have one name, clients mean the VIP.
  return vipParty(zone, part) ?? (hostRoles.some((role) => role === part) ? roleParty(zone, part as HostRole, plane) : undefined);
}

/** Core network and planes of a site. */
export const siteNetworks = (site: Site): string[] => [
  site.core.cidr,
  ...site.zones.flatMap((zone) => planes.map((plane) => zone.planes[plane].cidr)),
];

/** All that is the platform's own: an end outside is never among it, however wide it is. */
export function platformNetworks({ sites, kubernetes }: Topology): string[] {
  const links = sites.map((site) => site.interSite.cidr);
  return [...new Set([...sites.flatMap(siteNetworks), ...links, kubernetes.podCidr, kubernetes.serviceCidr])];
}
