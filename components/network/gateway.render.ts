import { platformNetworks, siteNetworks } from "../../environments/model/flows/party.ts";
import type { FlowRow } from "../../environments/model/flows/table.ts";
import { type Plane, planes, type Site, type Topology, type Zone } from "../../environments/model/topology.ts";
import { answers, type BaseChain, droppedRules, elements, isVrrp, known, match, rules } from "./nftables.render.ts";
import { passingRows, type Side, sideOf } from "./sides.render.ts";

/** What a zone's gateways call their interfaces. */
export type GatewayDevices = Readonly<Record<Plane | "core", string>> & {
  /** Of the platform zone's gateways alone. */
  readonly link?: string;
};

/**
 * The rules of a zone's gateways, the same text for both of a pair: nothing comes in and nothing passes but what the table permits and what answers
 * it. An accepting rule does not ask for a new connection: after the other gateway's death this one takes up connections in their middle. Of gateways
 * that are the company's own, the table knows what passes, and not what they serve themselves or say to one another: that has no rules here.
 *
 * @param rows those of the zone's gateways
 */
export function renderGatewayRules(
  topology: Topology,
  site: Site,
  zone: Zone,
  devices: GatewayDevices,
  rows: readonly FlowRow[],
): string {
  const isOurs = topology.flavors.gateway === "software";
  const gateways = zone.hosts.filter(({ role }) => role === "gateway");
  const names = new Set(gateways.map(({ name }) => name));
  const singles = (plane: Plane): string[] => gateways.map(({ addresses }) => `${addresses[plane]}/32`);
  /** The part of a row that leads to some of the zone's addresses. */
  const leadingTo = (row: FlowRow, addresses: readonly string[]): FlowRow[] => {
    const { to } = row;
    const isHere = to.site === site.name && to.zone === zone.name && to.hosts.some((host) => names.has(host));
    const cidrs = isHere ? to.cidrs.filter((cidr) => addresses.includes(cidr)) : [];
    return cidrs.length > 0 ? [{ ...row, to: { ...to, cidrs } }] : [];
  };
  // A row to a whole zone is for each of its hosts; here only the gateways' own part of it counts, and the address that they hold together.
  const own = (row: FlowRow): FlowRow[] => leadingTo(row, [...singles(row.plane), `${zone.planes[row.plane].gateway}/32`]);
  const passing = passingRows(site, zone, rows);
  const { link } = zone;
  const uplinks = [zone.core, ...(link ? [link] : [])];
  const deviceOf = (at: Side): string => devices[at] ?? "";
  const between = (from: Side, to: Side): string => `iifname ${elements([deviceOf(from)])} oifname ${elements([deviceOf(to)])}`;
  const others = topology.sites.filter(({ name }) => name !== site.name);
  /** What the gateways ask for themselves leaves by either of them, and is answered through the one that holds the zone's address. */
  const asks = (row: FlowRow): FlowRow[] => {
    const hosts = gateways.filter(({ name }) => row.from.hosts.includes(name));
    return hosts.length > 0
      ? [{ ...row, from: { ...row.from, cidrs: hosts.map(({ addresses }) => `${addresses[row.plane]}/32`) } }]
      : [];
  };
  const input: BaseChain = {
    chain: "input",
    hook: "input",
    priority: "filter",
    policy: "drop",
    rules: [
      ...known,
      ...uplinks.map(
        ({ name, own: of }) =>
          `iifname ${elements([deviceOf(name)])} ip saddr ${elements(Object.values(of))} ${isVrrp} accept comment "gateway-vrrp"`,
      ),
      ...rows
        .flatMap(own)
        .flatMap((row) =>
          match(row, `iifname ${elements([deviceOf(sideOf(site, zone, row.from, row.plane)), deviceOf(row.plane)])}`),
        ),
      ...droppedRules("input"),
    ],
  };

  return rules([
    { set: "platform", networks: () => platformNetworks(topology) },
    { set: "inside", networks: () => planes.map((plane) => zone.planes[plane].cidr) },
    ...(link ? [{ set: "other_sites", networks: () => [link.cidr, ...others.flatMap(siteNetworks)] }] : []),
    {
      // Before connections are looked up: a packet comes from where its sender lives.
      chain: "sources",
      hook: "prerouting",
      priority: "raw",
      policy: "accept",
      rules: [
        "iifname lo accept",
        "meta nfproto ipv6 counter drop",
        ...planes.map((plane) => {
          // What goes to one of the pair may come through the other one.
          const notOwn = isOurs ? `ip daddr != ${elements(gateways.map(({ addresses }) => addresses[plane]))} ` : "";
          return `iifname ${elements([deviceOf(plane)])} ip saddr != ${zone.planes[plane].cidr} ${notOwn}goto forged`;
        }),
        `iifname ${elements([deviceOf("core")])} ip saddr @inside goto forged`,
        ...(link ? [`iifname ${elements([deviceOf("link")])} ip saddr != @other_sites goto forged`] : []),
      ],
    },
    { chain: "forged", rules: droppedRules("forged") },
    ...(isOurs ? [input] : []),
    {
      chain: "forward",
      hook: "forward",
      priority: "filter",
      policy: "drop",
      rules: [
        // The pair's other one sends by itself what it answers and asks, so this one sees half of a connection, and takes that for invalid.
        ...passing.flatMap(({ from, to, row }) => asks(row).flatMap((one) => answers(one, between(to, from)))),
        ...passing.flatMap(({ from, to, row }) =>
          leadingTo(row, singles(row.plane)).flatMap((one) => match(one, between(from, to))),
        ),
        ...known,
        ...passing.flatMap(({ from, to, row }) => match(row, between(from, to))),
        ...droppedRules("forward"),
      ],
    },
  ]);
}
