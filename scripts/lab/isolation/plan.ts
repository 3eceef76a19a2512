import { type Place, placeOf, type Question, rowsPermitting } from "../../../environments/model/flows/reach.ts";
import { type FlowRow, flowTable } from "../../../environments/model/flows/table.ts";
import { type Host, type Plane, planes, type Topology, type Zone } from "../../../environments/model/topology.ts";
import { isOf } from "./outside.ts";
import { type Outsider, type Probe, probePorts, type Traffic } from "./probes.ts";
import type { Choose } from "./random.ts";

// Which connections are tried and what the table says of each. Pure.

/** Where the proof takes place. */
export interface Ground {
  readonly topology: Topology;
  readonly table: readonly FlowRow[];
  /** Hosts in service: all of them send. */
  readonly hosts: readonly Host[];
  /** Who plays the networks outside; nobody, where they are real. */
  readonly outsiders: readonly Outsider[];
  /** All that can be sent to in a plane: hosts, and the addresses that two of them hold together. */
  readonly targets: Readonly<Record<Plane, readonly Place[]>>;
  /** The table's rows that permit a connection. */
  readonly permitting: (question: Question) => readonly FlowRow[];
}

/** Ports that no row names: what everybody forgets is as closed as what somebody serves. */
const strangers: readonly Traffic[] = [
  { protocol: "tcp", port: 1 },
  { protocol: "tcp", port: 23 },
  { protocol: "tcp", port: 8080 },
  { protocol: "udp", port: 1 },
  { protocol: "udp", port: 161 },
];

/** Everything between the hosts of some sites, all sites where none is named. */
export function groundOf(topology: Topology, sites: readonly string[] = []): Ground {
  const zones = zonesOf(topology).filter(({ site }) => sites.length === 0 || sites.includes(site));
  const hosts = zones.flatMap((zone) => zone.hosts.filter(({ inService }) => inService));
  const table = flowTable(topology);
  const shared = zones.flatMap((zone) => zone.vips.map(({ name }) => `${zone.site}-${zone.name}/${name}`));
  const inPlane = (plane: Plane): Place[] =>
    [...hosts.map(({ name }) => name), ...shared].flatMap((word) => placeOf(topology, word, plane) ?? []);
  const targets = Object.fromEntries(planes.map((plane) => [plane, inPlane(plane)])) as Record<Plane, Place[]>;
  return { topology, table, hosts, outsiders: [], targets, permitting: permittingOf(table) };
}

export const gatewaysOf = ({ hosts }: Zone): Zone["hosts"] =>
  hosts.filter(({ role, inService }) => role === "gateway" && inService);

export const zonesOf = ({ sites }: Topology): Zone[] => sites.flatMap(({ zones }) => zones);

/** Asked only of the rows that may have a say: with a whole table, all pairs would take minutes. */
function permittingOf(table: readonly FlowRow[]): Ground["permitting"] {
  const key = (plane: Plane, protocol: string, port: number | undefined, { site, zone }: Pick<Place, "site" | "zone">): string =>
    `${plane} ${protocol} ${port} ${site} ${zone}`;
  const rows = Map.groupBy(
    table.flatMap((row) => (row.ports.length > 0 ? row.ports : [undefined]).map((port) => ({ row, port }))),
    ({ row, port }) => key(row.plane, row.protocol, port, row.to),
  );
  return (question) => {
    const { plane, protocol, port, to } = question;
    const found = rows.get(key(plane, protocol, protocol === "icmp" ? undefined : port, to)) ?? [];
    return found.length === 0
      ? []
      : rowsPermitting(
          found.map(({ row }) => row),
          question,
        );
  };
}

/** Every port that the table names for somebody, those that it names for nobody, and an echo. */
export function trafficOf({ table }: Pick<Ground, "table">): Traffic[] {
  const named = table.flatMap(({ protocol, ports }) =>
    protocol === "tcp" || protocol === "udp" ? ports.map((port) => ({ protocol, port })) : [],
  );
  const echo: Traffic = { protocol: "icmp", port: 0 };
  return [...new Map([...named, ...strangers, echo].map((one) => [`${one.protocol} ${one.port}`, one])).values()];
}

/** What the table is asked about a probe: with the sender that it claims; it knows pods as their nodes, and as receivers only among one another. */
export const questionOf = ({
  from,
  to,
  plane,
  protocol,
  port,
  means,
  source,
}: Omit<Probe, "kind" | "sourcePort" | "expected">): Question => {
  const { site, zone, name } = from;
  const own = "node" in from ? from.node.addresses[plane] : source;
  const address = means?.forged ?? own ?? "";
  // Nobody of the platform.
  if (from.role === "outside") return { from: { label: name, address }, to, plane, protocol, port };
  const asked = "node" in from && to.node ? { ...to, address: to.node.addresses[plane] } : to;
  return { from: { label: name, address, site, zone, hosts: [name] }, to: asked, plane, protocol, port };
};

/** A connection as a host makes it, by its own address and routes. */
export const flowProbe = (ground: Ground, from: Host, to: Place, plane: Plane, traffic: Traffic): Probe =>
  probeFrom(ground, from, from.addresses[plane], to, plane, traffic);

/** The same from every network outside. */
const probesFromOutside = (ground: Ground, from: Outsider, to: Place, plane: Plane, traffic: Traffic): Probe[] =>
  Object.values(from.addresses).map((source) => probeFrom(ground, from, source, to, plane, traffic));

function probeFrom(
  { permitting }: Ground,
  from: Host | Outsider,
  source: string,
  to: Place,
  plane: Plane,
  traffic: Traffic,
): Probe {
  const probe: Probe = {
    ...{ kind: "flow", from, to, plane, source },
    ...{ ...traffic, sourcePort: traffic.protocol === "icmp" ? 0 : probePorts.first, expected: "stops" },
  };
  return permitting(questionOf(probe)).length > 0 ? { ...probe, expected: "passes" } : probe;
}

/** Nobody's packet to itself leaves it, nor one to an address that it may hold. What a gateway itself sends outside meets nobody of ours. */
const others = (hosts: readonly Host[], to: Place): Host[] =>
  hosts.filter(({ name, role }) => !to.hosts?.includes(name) && !(role === "gateway" && to.site === undefined));

/** Each site's way in from outside is its own. */
const outsidersNear = ({ outsiders }: Ground, to: Place): Outsider[] => outsiders.filter(({ site }) => site === to.site);

/** Every host to every other one and every shared address, in each plane, by all that is tried; networks outside to those of the site, and all hosts to them. */
export function allFlowProbes(ground: Ground): Probe[] {
  const traffic = trafficOf(ground);
  return planes.flatMap((plane) =>
    ground.targets[plane].flatMap((to) => [
      ...others(ground.hosts, to).flatMap((from) => traffic.map((one) => flowProbe(ground, from, to, plane, one))),
      ...outsidersNear(ground, to).flatMap((from) => traffic.flatMap((one) => probesFromOutside(ground, from, to, plane, one))),
    ]),
  );
}

/** Neighbours, hosts of other zones and networks outside from which a sample tries each address of each plane in vain. */
const inVain = { neighbours: 4, strangers: 6, outside: 1 } as const;

/** A sample: each row's way from zone to zone once, and what nobody permits towards every address there is. */
export function someFlowProbes(ground: Ground, choose: Choose, forbidden: readonly Traffic[] = trafficOf(ground)): Probe[] {
  return [...somePermitted(ground, choose), ...someForbidden(ground, choose, forbidden)];
}

function somePermitted(ground: Ground, choose: Choose): Probe[] {
  return ground.table.flatMap(({ from, to, plane, protocol, ports }) => {
    if (protocol === "vrrp") return [];
    const pairs = ground.targets[plane]
      .filter((place) => isOf(to, place))
      .flatMap((target) => [
        ...others(ground.hosts, target).flatMap((host) =>
          from.hosts.includes(host.name) ? [{ sender: host, source: host.addresses[plane], target }] : [],
        ),
        ...outsidersNear(ground, target).flatMap((sender) => {
          const source = from.site === undefined ? sender.addresses[from.label] : undefined;
          return source === undefined ? [] : [{ sender, source, target }];
        }),
      ]);
    return choose(pairs, 1).flatMap(({ sender, source, target }) =>
      (ports.length > 0 ? choose(ports, 1) : [0]).map((port) =>
        probeFrom(ground, sender, source, target, plane, { protocol, port }),
      ),
    );
  });
}

function someForbidden(ground: Ground, choose: Choose, traffic: readonly Traffic[]): Probe[] {
  return planes.flatMap((plane) =>
    ground.targets[plane].flatMap((to) => {
      const isNeighbour = ({ site, zone }: Host): boolean => site === to.site && zone === to.zone;
      const [near, far] = [true, false].map((wanted) => others(ground.hosts, to).filter((host) => isNeighbour(host) === wanted));
      const outside = outsidersNear(ground, to).flatMap((from) =>
        Object.values(from.addresses).map((source) => (one: Traffic) => probeFrom(ground, from, source, to, plane, one)),
      );
      const senders = [...choose(near ?? [], inVain.neighbours), ...choose(far ?? [], inVain.strangers)].map(
        (from) => (one: Traffic) => flowProbe(ground, from, to, plane, one),
      );
      return [...senders, ...choose(outside, inVain.outside)].flatMap((probeBy) => {
        const refused = choose(traffic, traffic.length).find((one) => probeBy(one).expected === "stops");
        return refused ? [probeBy(refused)] : [];
      });
    }),
  );
}

/** Names of rows of which no host of these can try one: an end is outside or not served yet, or the row is the gateways' talk among themselves. */
export function untriedRows({ table, hosts, permitting }: Ground, probes: readonly Probe[]): string[] {
  const permitted = probes.filter(({ kind, expected }) => kind === "flow" && expected === "passes");
  const tried = new Set(permitted.flatMap((probe) => permitting(questionOf(probe)).map(({ name }) => name)));
  const sites = new Set(hosts.map(({ site }) => site));
  const here = table.filter(({ from, to }) => [from.site, to.site].some((site) => site !== undefined && sites.has(site)));
  return [...new Set(here.map(({ name }) => name))].filter((name) => !tried.has(name));
}
