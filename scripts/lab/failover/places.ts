import {
  type Host,
  hostRoles,
  platformZone,
  type Site,
  type Topology,
  type Vip,
  type Zone,
} from "../../../environments/model/topology.ts";
import { UserError } from "../../console/errors.ts";
import type { Lab } from "../instance.ts";
import { addressesIn } from "../links.ts";
import { findSite } from "../machines.ts";
import { runIn } from "../run-in.ts";
import type { Parts } from "./cases.ts";
import { machineOf } from "./faults.ts";

/** The site that is drilled, as the drill sees it. */
export interface Place {
  readonly site: Site;
  readonly databases: readonly Host[];
  readonly balancers: readonly Host[];
  readonly controlPlane: readonly Host[];
  readonly databaseVip: Vip;
  readonly apiVip: Vip;
  /** In whose network the database's clients run. */
  readonly clientHost: Host;
  /** Where the clients of gateways connect from zone to zone. */
  readonly crossing: Crossing;
}

/** A flow of the business that passes two pairs of gateways. */
export interface Crossing {
  readonly from: Host;
  readonly to: Host;
  readonly port: number;
  /** Of the zone that it leads to. */
  readonly gateways: readonly Host[];
  /** What one of them holds. */
  readonly address: string;
}

function crossingOf({ flows }: Topology, site: Site): Crossing {
  const zoneOf = (name: string) => site.zones.find((zone) => zone.name === name);
  const inService = (zone: Zone, role: Host["role"]) => zone.hosts.filter((host) => host.role === role && host.inService);
  for (const { from, to, plane, protocol, ports } of flows) {
    const [source, target] = [zoneOf(from), zoneOf(to)];
    if (!source || !target || plane !== "business" || protocol !== "tcp") continue;
    const [near, far, port] = [inService(source, "worker")[0], inService(target, "worker")[0], ports[0]];
    if (near && far && port !== undefined)
      return { from: near, to: far, port, gateways: inService(target, "gateway"), address: target.planes.business.gateway };
  }
  throw new UserError(`${site.name}: no flow leads from one zone's workers to another's on the business plane`);
}

export function placeOf(topology: Topology, siteName?: string): Place {
  const site = findSite(topology, siteName);
  const zone = site.zones.find(({ name }) => name === platformZone);
  const hosts = (zone?.hosts ?? []).filter(({ inService }) => inService);
  const of = (role: Host["role"]): Host[] => hosts.filter((host) => host.role === role);
  const vip = (name: string): Vip => {
    const found = zone?.vips.find((one) => one.name === name);
    if (!found) throw new UserError(`${site.name}: its platform zone has no VIP ${name}`);
    return found;
  };
  const [clientHost] = of("worker");
  if (!clientHost)
    throw new UserError(`${site.name}: its platform zone has no worker, in whose network the drill's clients could run`);
  return {
    site,
    databases: of("database"),
    balancers: of("balancer"),
    controlPlane: of("control-plane"),
    databaseVip: vip("database"),
    apiVip: vip("kubernetes-api"),
    clientHost,
    crossing: crossingOf(topology, site),
  };
}

/** Which of some hosts hold an address at this moment. */
export async function holdersOf(lab: Lab, hosts: readonly Host[], address: string): Promise<string[]> {
  const holds = await Promise.all(
    hosts.map((host) =>
      // A host whose power is off holds nothing.
      runIn(lab, machineOf(lab, host), ["ip", "-json", "address"]).then(
        (output) => addressesIn(output).includes(address),
        () => false,
      ),
    ),
  );
  return hosts.filter((_, index) => holds[index]).map(({ name }) => name);
}

/** Who plays which part, from what was seen; refused where a part is not played by exactly one. */
export function partsOf(
  place: Place,
  seen: {
    readonly writers: readonly string[];
    readonly holders: readonly string[];
    readonly gateways: readonly string[];
    readonly leader: string;
  },
): Parts {
  const [writer, secondWriter] = seen.writers;
  const [vipOwner, secondOwner] = seen.holders;
  if (!writer || secondWriter)
    throw new UserError(
      `${place.site.name}: the database has ${seen.writers.length} writers (${seen.writers.join(", ")}); a case begins with one`,
    );
  if (!vipOwner || secondOwner)
    throw new UserError(`${place.site.name}: ${seen.holders.length} balancers hold the database's VIP; a case begins with one`);
  const [gateway, secondGateway] = seen.gateways;
  // Firewalls that are not ours are no hosts.
  if (place.crossing.gateways.length > 0 && (!gateway || secondGateway))
    throw new UserError(
      `${place.site.name}: ${seen.gateways.length} gateways hold ${place.crossing.address}, the way to ${place.crossing.to.name}; a case begins with one`,
    );
  const controlPlane = place.controlPlane.map(({ name }) => name);
  // A leader calls itself by its host's name, then an id of its own.
  const leader = controlPlane.find((name) => seen.leader.startsWith(name)) ?? controlPlane[0] ?? "";
  return {
    writer,
    readers: place.databases.map(({ name }) => name).filter((name) => name !== writer),
    vipOwner,
    vipBackup: place.balancers.map(({ name }) => name).find((name) => name !== vipOwner) ?? "",
    leader,
    controlPlane,
    ...(gateway !== undefined && { gateway }),
    bystanders: Object.fromEntries(hostRoles.map((role) => [role, bystander(place, role)?.name]).filter(([, name]) => name)),
  };
}

/** Not the host in whose network the clients run. */
function bystander({ site, clientHost }: Place, role: Host["role"]): Host | undefined {
  return site.zones.flatMap(({ hosts }) => hosts).find((host) => host.role === role && host.inService && host !== clientHost);
}
