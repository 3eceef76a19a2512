import { gatewayVip, parseNetwork, plannedAddress, plannedHostAddress, vipPlan } from "./addresses.ts";
import { type VipName, vipNames } from "./schema/sites.ts";
import type { Environment, SiteEntry, ZoneEntry } from "./schema.ts";
import { type HostRole, hostRoles, type Plane, planes } from "./topology.ts";

/** Where in the file something was said: keys from the root. */
export type Path = readonly (string | number)[];

export interface ZonePlace {
  readonly site: string;
  readonly siteEntry: SiteEntry;
  readonly zone: string;
  readonly entry: ZoneEntry;
  readonly path: Path;
}

export interface HostPlace extends ZonePlace {
  readonly shortName: string;
  readonly name: string;
  readonly role: HostRole;
  readonly rack: string;
  readonly rackPath: Path;
  readonly overrides: Partial<Record<Plane, string | undefined>>;
}

export interface VipPlace extends ZonePlace {
  readonly name: VipName;
  readonly plane: Plane;
  /** Undefined where the network has no room for the plan. */
  readonly address: string | undefined;
  readonly vrid: number;
  readonly holders: readonly string[];
}

export function zonePlaces(environment: Environment): ZonePlace[] {
  return Object.entries(environment.sites).flatMap(([site, siteEntry]) =>
    Object.entries(siteEntry.zones).map(([zone, entry]) => ({
      site,
      siteEntry,
      zone,
      entry,
      path: ["sites", site, "zones", zone],
    })),
  );
}

/** In the order of their names, whichever order the file has: members are counted from the first, and the first one of a pair has its VIPs. */
const hostsByName = ({ hosts }: ZoneEntry, role: HostRole) =>
  Object.entries(hosts[role] ?? {}).sort(([a], [b]) => a.localeCompare(b, "en", { numeric: true }));

export function hostPlaces(place: ZonePlace): HostPlace[] {
  return hostRoles.flatMap((role) =>
    hostsByName(place.entry, role).map(([shortName, host]) => {
      const path = [...place.path, "hosts", role, shortName];
      const rack = typeof host === "string" ? host : host.rack;
      const overrides = typeof host === "string" ? {} : (host.addresses ?? {});
      const rackPath = typeof host === "string" ? path : [...path, "rack"];
      return { ...place, path, shortName, name: `${place.site}-${place.zone}-${shortName}`, role, rack, rackPath, overrides };
    }),
  );
}

/** A host's address in a plane: its own entry's, else the plan's; undefined where the plan has no room. */
export function hostAddress(host: HostPlace, plane: Plane): string | undefined {
  const given = host.overrides[plane];
  if (given !== undefined) return given;
  const network = parseNetwork(host.entry.planes[plane].cidr);
  return network && plannedHostAddress(network, host.role, host.shortName);
}

/** The zone's VIPs: those whose holders it has. */
export function vipPlaces(place: ZonePlace, siteNumber: number): VipPlace[] {
  return vipNames.flatMap((name) => {
    const plan = vipPlan[name];
    const holders = hostsByName(place.entry, plan.role).map(([short]) => `${place.site}-${place.zone}-${short}`);
    if (holders.length === 0) return [];
    const given = place.entry.vips?.[name];
    const vrid = given?.vrid ?? siteNumber * 100 + plan.vrid;
    return [
      { ...place, path: [...place.path, "vips", name], name, plane: plan.plane, address: vipAddress(place, name), vrid, holders },
    ];
  });
}

/** A VIP's address: the entry's, else the plan's. A firewall that is not ours holds the gateway's address all the same. */
export function vipAddress(place: ZonePlace, name: VipName): string | undefined {
  const given = place.entry.vips?.[name]?.address;
  if (given !== undefined) return given;
  const network = parseNetwork(place.entry.planes[vipPlan[name].plane].cidr);
  return network && plannedAddress(network, vipPlan[name].offset);
}

export function gatewayAddress(place: ZonePlace, plane: Plane): string | undefined {
  return vipAddress(place, gatewayVip[plane]);
}

/** 0 for the first site by name, 1 for the next: roles change, this does not. */
export function siteNumber(environment: Environment, site: string): number {
  return Object.keys(environment.sites).sort().indexOf(site);
}

/** Every network of the platform with where it is said; those that cannot be read are left to their own rule. */
export function networkTexts(environment: Environment): { readonly what: string; readonly text: string; readonly path: Path }[] {
  const of = (what: string, text: string, ...path: Path) => ({ what, text, path });
  return [
    of("pod range", environment.kubernetes.podCidr, "kubernetes", "podCidr"),
    of("service range", environment.kubernetes.serviceCidr, "kubernetes", "serviceCidr"),
    of("inter-site link", environment.interSite.cidr, "interSite", "cidr"),
    ...Object.entries(environment.sites).map(([site, { core }]) =>
      of(`core network of ${site}`, core.cidr, "sites", site, "core", "cidr"),
    ),
    ...zonePlaces(environment).flatMap(({ site, zone, entry, path }) =>
      planes.map((plane) => of(`${plane} plane of ${site} ${zone}`, entry.planes[plane].cidr, ...path, "planes", plane, "cidr")),
    ),
  ];
}
