import {
  addressNumber,
  addressText,
  linkAddress,
  type Network,
  nodePods,
  operatorOffset,
  parseNetwork,
  plannedAddress,
  upstreamAddress,
  zoneDnsAddress,
} from "./addresses.ts";
import {
  gatewayAddress,
  type HostPlace,
  hostAddress,
  hostPlaces,
  siteNumber,
  vipPlaces,
  type ZonePlace,
  zonePlaces,
} from "./placements.ts";
import type { Environment, SiteEntry } from "./schema.ts";
import { timingsOf } from "./timings.ts";
import {
  type Host,
  type Plane,
  type PlaneNetwork,
  type PodNetwork,
  planes,
  platformZone,
  type Site,
  type Topology,
  type Uplink,
  type Zone,
} from "./topology.ts";
import { declaredVolumes } from "./volumes.ts";

/** The platform that a sound environment describes: every address, name and timing worked out. */
export function topologyOf(environment: Environment): Topology {
  const {
    sites,
    zones,
    timings,
    accepted,
    ssh,
    flows,
    exceptions = {},
    volumes,
    lab,
    sizes,
    interSite,
    outOfService,
    trust,
    externalNas,
    nasReplication,
    ...same
  } = environment;
  const places = zonePlaces(environment);
  const siteList = Object.entries(sites)
    .sort(([a, { role: roleA }], [b, { role: roleB }]) => roleA.localeCompare(roleB) || a.localeCompare(b))
    .map(([name, entry]) => siteOf(environment, name, entry, places));
  return {
    ...same,
    operators: [...environment.operators, ...labOperators(siteList)],
    timings: timingsOf(environment.availability, timings),
    ssh: {
      user: ssh.user,
      port: ssh.port,
      knownHosts: ssh.knownHosts ?? (lab ? "known_hosts" : `${environment.platform}.known_hosts`),
    },
    trust: {
      ...trust,
      authorities: trust.authorities.map((authority) => (typeof authority === "string" ? { name: authority } : authority)),
    },
    sites: siteList,
    ...(nasReplication && { nasReplication }),
    nasPath: externalNas?.path ?? "",
    volumes: declaredVolumes(volumes),
    flows: Object.entries(flows).map(([name, { exception, ...flow }]) => ({ name, ...flow, ...(exception && { exception }) })),
    exceptions: Object.entries(exceptions).map(([name, exception]) => ({ name, ...exception })),
  };
}

/** In a lab the machine itself is the operator, on each management network; in an order that a change of roles leaves alone. */
function labOperators(sites: readonly Site[]): string[] {
  const inOrder = [...sites].sort((a, b) => a.name.localeCompare(b.name));
  const addresses = inOrder.flatMap(({ zones }) => zones.map((zone) => zone.planes.management.operatorAddress));
  return addresses.flatMap((address) => (address === undefined ? [] : [`${address}/32`]));
}

function siteOf(environment: Environment, name: string, entry: SiteEntry, places: readonly ZonePlace[]): Site {
  const byName = new Map(places.filter(({ site }) => site === name).map((place) => [place.zone, place]));
  return {
    name,
    number: siteNumber(environment, name) + 1,
    role: entry.role,
    racks: entry.racks,
    core: { ...entry.core, upstream: sound(upstreamAddress(entry.core.cidr), entry.core.cidr) },
    interSite: environment.interSite,
    zones: [platformZone, ...Object.keys(environment.zones)].flatMap((zone) => {
      const place = byName.get(zone);
      return place ? [zoneOf(environment, place)] : [];
    }),
  };
}

function zoneOf(environment: Environment, place: ZonePlace): Zone {
  const nas = place.zone === platformZone ? environment.externalNas?.addresses[place.site] : undefined;
  const hosts = hostPlaces(place).map((host) => hostOf(environment, host));
  const gateways = hosts.filter(({ role }) => role === "gateway").map(({ name }) => name);
  const number = siteNumber(environment, place.site);
  return {
    name: place.zone,
    site: place.site,
    planes: byPlane((plane) => planeOf(environment, place, plane)),
    core: uplinkOf("core", place.siteEntry.core, place.entry.core, gateways),
    ...(place.zone === platformZone && {
      link: uplinkOf("link", environment.interSite, sound(linkAddress(environment.interSite.cidr, number), "link"), gateways),
    }),
    hosts,
    vips: vipPlaces(place, number).map(({ name, plane, address, vrid, holders }) => ({
      name,
      fqdn: `${name}.${place.zone}.${place.site}.${environment.dns.domain}`,
      plane,
      address: sound(address, `VIP ${name}`),
      vrid,
      holders,
    })),
    ...(nas !== undefined && { externalNas: nas }),
    hasNodes:
      hosts.some(({ role }) => role === "worker") &&
      (environment.machines === "ssh" || environment.lab?.nodes === "all" || place.zone === platformZone),
    pods: podsOf(environment, place, hosts),
  };
}

function podsOf({ kubernetes }: Environment, { entry }: ZonePlace, hosts: readonly Host[]): PodNetwork {
  const [all, pods, services] = [kubernetes.podCidr, entry.pods, kubernetes.serviceCidr].map((cidr) =>
    sound(parseNetwork(cidr), cidr),
  ) as [Network, Network, Network];
  const workers = hosts.filter(({ role }) => role === "worker");
  return {
    cidr: entry.pods,
    nodes: Object.fromEntries(workers.map(({ name, shortName }) => [name, sound(nodePods(pods, shortName), `pods of ${name}`)])),
    dns: sound(zoneDnsAddress(all, pods, services), `name service of ${entry.pods}`),
  };
}

function uplinkOf(
  name: Uplink["name"],
  { vlan, cidr }: { readonly vlan: number; readonly cidr: string },
  address: string,
  gateways: readonly string[],
): Uplink {
  const network = sound(parseNetwork(cidr), cidr);
  const first = sound(addressNumber(address), address);
  const own = gateways.map((host, index) => [host, addressText(first + index + 1)] as const);
  return {
    ...{ name, vlan, cidr, prefixLength: network.prefixLength, address },
    vrid: first - network.first,
    own: Object.fromEntries(own),
  };
}

function planeOf(environment: Environment, place: ZonePlace, plane: Plane): PlaneNetwork {
  const { vlan, cidr } = place.entry.planes[plane];
  const network = sound(parseNetwork(cidr), cidr);
  const gateway = sound(gatewayAddress(place, plane), `gateway of ${cidr}`);
  const operatorAddress =
    environment.machines === "lab" && plane === "management" ? plannedAddress(network, operatorOffset) : undefined;
  return {
    plane,
    vlan,
    cidr,
    prefixLength: network.prefixLength,
    gateway,
    ...(operatorAddress !== undefined && { operatorAddress }),
  };
}

function hostOf(environment: Environment, host: HostPlace): Host {
  const { name, shortName, site, zone, role, rack } = host;
  return {
    name,
    shortName,
    site,
    zone,
    role,
    rack,
    inService: !Object.hasOwn(environment.outOfService ?? {}, name),
    size: environment.sizes[role],
    addresses: byPlane((plane) => sound(hostAddress(host, plane), `${plane} address of ${name}`)),
    fqdn: `${shortName}.${zone}.${site}.${environment.dns.domain}`,
  };
}

function byPlane<T>(value: (plane: Plane) => T): Record<Plane, T> {
  return Object.fromEntries(planes.map((plane) => [plane, value(plane)])) as Record<Plane, T>;
}

/** The rules have refused every environment that could end here. */
function sound<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`${what}: the environment was not checked by its rules`);
  return value;
}
