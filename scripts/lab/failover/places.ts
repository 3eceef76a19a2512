import { type Host, hostRoles, platformZone, type Site, type Topology, type Vip } from "../../../environments/model/topology.ts";
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
  };
}

/** Hosts that hold a VIP at this moment. */
export async function holdersOf(lab: Lab, { balancers }: Place, vip: Vip): Promise<string[]> {
  const holds = await Promise.all(
    balancers.map((host) =>
      // A host whose power is off holds nothing.
      runIn(lab, machineOf(lab, host), ["ip", "-json", "address"]).then(
        (output) => addressesIn(output).includes(vip.address),
        () => false,
      ),
    ),
  );
  return balancers.filter((_, index) => holds[index]).map(({ name }) => name);
}

/** Who plays which part, from what was seen; refused where a part is not played by exactly one. */
export function partsOf(
  place: Place,
  seen: { readonly writers: readonly string[]; readonly holders: readonly string[]; readonly leader: string },
): Parts {
  const [writer, secondWriter] = seen.writers;
  const [vipOwner, secondOwner] = seen.holders;
  if (!writer || secondWriter)
    throw new UserError(
      `${place.site.name}: the database has ${seen.writers.length} writers (${seen.writers.join(", ")}); a case begins with one`,
    );
  if (!vipOwner || secondOwner)
    throw new UserError(`${place.site.name}: ${seen.holders.length} balancers hold the database's VIP; a case begins with one`);
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
    bystanders: Object.fromEntries(hostRoles.map((role) => [role, bystander(place, role)?.name]).filter(([, name]) => name)),
  };
}

/** Not the host in whose network the clients run. */
function bystander({ site, clientHost }: Place, role: Host["role"]): Host | undefined {
  return site.zones.flatMap(({ hosts }) => hosts).find((host) => host.role === role && host.inService && host !== clientHost);
}
