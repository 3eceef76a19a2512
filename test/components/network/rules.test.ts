import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { gatewayDevices, hostDevices } from "../../../components/network/devices.render.ts";
import { renderGatewayRules } from "../../../components/network/gateway.render.ts";
import { renderHostRules } from "../../../components/network/host-rules.render.ts";
import { answer, gatewaysBetween, type Place, placeOf } from "../../../environments/model/flows/reach.ts";
import { type FlowRow, flowTable, rowsByReceiver, rowsByZone } from "../../../environments/model/flows/table.ts";
import { loadEnvironment, platforms } from "../../../environments/model/load.ts";
import { platformPorts } from "../../../environments/model/ports.ts";
import { type Plane, planes, platformZone, type Topology, type Zone } from "../../../environments/model/topology.ts";
import { topologyOf } from "../../../environments/model/topology-of.ts";
import { external } from "../../environments/external.ts";
import { soundPlatforms } from "../../environments/generated.ts";
import { matchesGolden } from "../../support/golden.ts";
import { type Packet, type RuleSet, readRules, verdictOn } from "./evaluator.ts";

const topologies = platforms().map((platform) => topologyOf(loadEnvironment(platform, platform === "lab" ? { slot: 0 } : {})));
const zonesOf = ({ sites }: Topology) =>
  sites.flatMap((site) => site.zones.map((zone) => ({ site, zone, name: `${site.name}-${zone.name}` })));

const hostsIn = (zone: Zone) => zone.hosts.filter(({ role }) => role !== "gateway");

for (const topology of topologies)
  test(`${topology.platform}: the rules of every zone's gateways and of a host of each role are the ones of their golden files`, () => {
    const table = flowTable(topology);
    const [received, byZone] = [rowsByReceiver(table), rowsByZone(table)];
    const golden = (name: string): string => join(import.meta.dirname, "golden", `${topology.platform}-${name}.nft`);
    for (const { site, zone, name } of zonesOf(topology)) {
      matchesGolden(
        renderGatewayRules(topology, site, zone, gatewayDevices(topology, zone), byZone.get(name) ?? []),
        golden(name),
      );
      // One of each role: the others have the same with their own address.
      for (const host of hostsIn(zone).filter(({ shortName }) => shortName.endsWith("1"))) {
        const rows = received.get(host.name) ?? [];
        matchesGolden(renderHostRules(topology, zone, host, hostDevices(topology, zone), rows), golden(host.name));
      }
    }
  });

interface Network {
  readonly topology: Topology;
  readonly table: readonly FlowRow[];
  /** Of each zone's gateways, by the zone's name, and of each other host by its own. */
  readonly rules: ReadonlyMap<string, RuleSet>;
}

function networkOf(topology: Topology, change = (text: string): string => text): Network {
  const table = flowTable(topology);
  const [received, byZone] = [rowsByReceiver(table), rowsByZone(table)];
  const texts = zonesOf(topology).flatMap(({ site, zone, name }): [string, string][] => [
    [name, renderGatewayRules(topology, site, zone, gatewayDevices(topology, zone), byZone.get(name) ?? [])],
    ...hostsIn(zone).map((host): [string, string] => [
      host.name,
      renderHostRules(topology, zone, host, hostDevices(topology, zone), received.get(host.name) ?? []),
    ]),
  ]);
  return { topology, table, rules: new Map(texts.map(([name, text]) => [name, readRules(change(text))])) };
}

type Traffic = Pick<Packet, "protocol" | "port">;

/** What the gateways on the way make of the first packet of a connection, one pair after the other, and then the host that it is for. */
const passes = (network: Network, from: Place, to: Place, plane: Plane, traffic: Traffic): boolean =>
  passesGateways(network, from, to, plane, traffic) && isTaken(network, from, to, plane, traffic);

function isTaken({ topology, rules }: Network, from: Place, to: Place, plane: Plane, traffic: Traffic): boolean {
  const name = `${to.site}-${to.zone}`;
  const isGateway = to.hosts?.some((host) => !rules.has(host)) ?? false;
  // Between zones the gateways have judged what is for themselves.
  if (to.site === undefined || (isGateway && gatewaysBetween(from, to).length > 0)) return true;
  const { zone } = zonesOf(topology).find((one) => one.name === name) as { zone: Zone };
  const receiver = rules.get(isGateway ? name : (to.hosts?.[0] ?? ""));
  const packet = { in: hostDevices(topology, zone)[plane], source: from.address, destination: to.address, ...traffic };
  return receiver !== undefined && verdictOn(receiver, packet) === "accept";
}

function passesGateways({ topology, rules }: Network, from: Place, to: Place, plane: Plane, traffic: Traffic): boolean {
  return gatewaysBetween(from, to).every((name) => {
    const { zone } = zonesOf(topology).find((one) => one.name === name) as { zone: Zone };
    const devices = gatewayDevices(topology, zone);
    const side = (place: Place): string => {
      if (place.site === zone.site && place.zone === zone.name) return devices[plane];
      const isThere = place.site !== undefined && place.site !== zone.site;
      return isThere && zone.name === platformZone ? (devices.link ?? "") : devices.core;
    };
    const isGateway = zone.hosts.some(({ role, addresses }) => role === "gateway" && addresses[plane] === to.address);
    const isVip = zone.planes[plane].gateway === to.address;
    const ends = { in: side(from), source: from.address, destination: to.address };
    // The pair's one hands on what is for the other one.
    const hops: Packet[] = isVip
      ? [{ ...ends, ...traffic }]
      : [{ ...ends, out: side(to), ...traffic }, ...(isGateway ? [{ ...ends, ...traffic }] : [])];
    return hops.every((packet) => verdictOn(rules.get(name) as RuleSet, packet) === "accept");
  });
}

const words = (topology: Topology): string[] => [
  ...zonesOf(topology).flatMap(({ zone, name }) => [
    ...zone.hosts.map((host) => host.name),
    ...zone.vips.map((vip) => `${name}/${vip.name}`),
  ]),
  ...Object.keys(topology.networks),
  ...(topology.machines === "ssh" ? ["operators"] : []),
];

const networks = topologies.map((topology) => networkOf(topology));

test("rules for the company's own gateways let pass what the table permits, and nothing else", () =>
  agreesWithItsTable(networkOf(external), 2000));

/** Tries so many connections between anybody and anybody: what the table permits must pass, and nothing else. */
function agreesWithItsTable(network: Network, numRuns: number): void {
  const { topology, table } = network;
  const ends = fc.constantFrom(...words(topology));
  const named = [...new Set(table.flatMap((row) => row.ports))];
  const question = fc.record({
    ...{ from: ends, to: ends, plane: fc.constantFrom(...planes) },
    protocol: fc.constantFrom("tcp" as const, "udp" as const, "icmp" as const),
    port: fc.oneof(
      { weight: 9, arbitrary: fc.constantFrom(...named) },
      { weight: 1, arbitrary: fc.integer({ min: 1, max: 65535 }) },
    ),
  });
  fc.assert(
    fc.property(question, ({ from, to, plane, protocol, port }) => {
      const [source, target] = [placeOf(topology, from, plane), placeOf(topology, to, plane)];
      if (!source || !target || source.address === target.address || (source.site ?? target.site) === undefined) return;
      const { rows } = answer(table, { from: source, to: target, plane, protocol, port });
      assert.equal(
        passes(network, source, target, plane, { protocol, port }),
        rows.length > 0,
        `${from} to ${to}, ${protocol} ${port}, ${plane}`,
      );
    }),
    { numRuns },
  );
}

test("whatever flows the business asks for, gateways and hosts let pass what the table permits, and nothing else", () => {
  fc.assert(
    fc.property(soundPlatforms, (environment) => agreesWithItsTable(networkOf(topologyOf(environment)), 200)),
    { numRuns: 12 },
  );
});

for (const network of networks) {
  const { topology, table } = network;

  test(`${topology.platform}: gateways and hosts let pass what the table permits, and nothing else`, () =>
    agreesWithItsTable(network, 2000));

  test(`${topology.platform}: each permitted connection passes, from every sender to every receiver`, () => {
    let passed = 0;
    for (const { from, to, plane, protocol, ports: open } of table) {
      if (protocol === "vrrp") continue;
      for (const source of from.cidrs)
        for (const target of to.cidrs) {
          const place = (cidr: string) => placeOf(topology, cidr.split("/")[0] ?? "", plane) as Place;
          const [a, b] = [place(source), place(target)];
          if (a.address === b.address) continue;
          for (const port of open.length > 0 ? open : [0]) {
            assert.ok(passes(network, a, b, plane, { protocol, port }), `${source} to ${target}, ${protocol} ${port}`);
            passed += 1;
          }
        }
    }
    assert.ok(passed > 100);
  });

  test(`${topology.platform}: no zone's gateways take a sender's address for true that does not live where it comes from`, () => {
    for (const { from, to, plane, protocol, ports: open } of table) {
      if (protocol !== "tcp" || from.site === undefined || to.site === undefined) continue;
      const [source = "", target = ""] = [from.cidrs[0], to.cidrs[0]].map((cidr) => cidr?.split("/")[0]);
      for (const { zone, name } of zonesOf(topology)) {
        // Sent by a host of this zone with an address of another one; and from the core network with one of this zone.
        const isHome: boolean = from.site === zone.site && from.zone === zone.name;
        const devices = gatewayDevices(topology, zone);
        const packet = { source, destination: target, protocol, port: open[0] ?? 0 } as const;
        const forged: Packet = isHome
          ? { ...packet, in: devices.core, out: devices[plane] }
          : { ...packet, in: devices[plane], out: devices.core };
        assert.equal(
          verdictOn(network.rules.get(name) as RuleSet, forged),
          "drop",
          `${name}: ${source} to ${target} by ${forged.in}`,
        );
      }
    }
  });
}

for (const { topology, table, rules } of networks)
  test(`${topology.platform}: a worker hands on to its pods what a port of its own was asked for, of whom the table permits, and nothing else from elsewhere`, () => {
    let [passed, stopped] = [0, 0];
    const ports = [
      22,
      ...new Set(table.filter(({ source, plane }) => source === "business" && plane === "business").flatMap((row) => row.ports)),
    ];
    for (const { zone } of zonesOf(topology))
      for (const { name, addresses } of zone.hosts.filter(({ role }) => role === "worker")) {
        const into = table.filter(
          ({ plane, to, source }) => source === "business" && plane === "business" && to.hosts.includes(name),
        );
        const senders = [
          ...topology.sites.flatMap(({ zones }) => zones.flatMap(({ hosts }) => hosts)),
          ...Object.keys(topology.networks),
        ];
        for (const sender of senders) {
          const word = typeof sender === "string" ? sender : sender.name;
          const source = placeOf(topology, word, "business") as Place;
          for (const port of ports) {
            const { protocol, destination } = { protocol: "tcp", destination: podOf(zone, name) } as const;

            const packet: Packet = {
              in: hostDevices(topology, zone).business,
              out: "cali12345",
              source: source.address,
              destination,
              protocol,
              port,
            };
            const judge = (of: Packet): string => verdictOn(rules.get(name) as RuleSet, of);
            const original = { destination: addresses.business, port };
            const { rows } = answer(into, {
              from: source,
              to: placeOf(topology, name, "business") as Place,
              plane: "business",
              protocol,
              port,
            });
            const what = `${word} to ${name}, ${port}`;
            assert.equal(judge({ ...packet, original }), rows.length > 0 ? "accept" : "drop", what);
            // By the pod's own address, by another port or another address of the node, and from another plane.
            for (const wrong of [
              packet,
              { ...packet, original: { ...original, port: port + 1 } },
              { ...packet, original: { ...original, destination: addresses.storage } },
              { ...packet, original, in: hostDevices(topology, zone).storage },
            ])
              assert.equal(judge(wrong), "drop", what);
            if (rows.length > 0) passed += 1;
            else stopped += 1;
          }
        }
      }
    assert.ok(passed > 5 && stopped > 100, `${passed} ${stopped}`);
  });

/** An address of a node's part of its zone's pods. */
const podOf = (zone: Zone, node: string): string => (zone.pods.nodes[node] ?? "").replace(/\.0\/24$/, ".9");

test("a rule that is missing, and one that is too wide, are seen", () => {
  const [network] = networks as [Network];
  const [from, to] = [
    placeOf(network.topology, "dc1-internet-wk1", "business"),
    placeOf(network.topology, "dc1-policy-wk1", "business"),
  ] as [Place, Place];
  const traffic = { protocol: "tcp", port: 8443 } as const;
  assert.ok(passes(network, from, to, "business", traffic));
  const changed = (change: (text: string) => string): Network => networkOf(network.topology, change);
  assert.ok(
    !passes(
      changed((text) => text.replace(/^.*portal-quotes.*$/gm, "")),
      from,
      to,
      "business",
      traffic,
    ),
  );
  assert.ok(
    passes(
      changed((text) => text.replaceAll("policy drop", "policy accept").replaceAll("counter drop", "counter")),
      from,
      to,
      "business",
      { ...traffic, port: 1 },
    ),
  );
});

/** nftables refuses a file with an empty set. */
function hasNoEmptySet(topology: Topology): void {
  const table = flowTable(topology);
  const [received, byZone] = [rowsByReceiver(table), rowsByZone(table)];
  for (const { site, zone, name } of zonesOf(topology)) {
    assert.doesNotMatch(
      renderGatewayRules(topology, site, zone, gatewayDevices(topology, zone), byZone.get(name) ?? []),
      /\{ *\}/,
    );
    for (const host of hostsIn(zone))
      assert.doesNotMatch(
        renderHostRules(topology, zone, host, hostDevices(topology, zone), received.get(host.name) ?? []),
        /\{ *\}/,
      );
  }
}

test("a flow at whose end nobody is in service makes no rule, and no empty set", () => {
  const environment = loadEnvironment("reference");
  const gone = ["dc1", "dc2"].flatMap((site) => [1, 2, 3].map((number) => [`${site}-office-wk${number}`, "Moved"] as const));
  const topology = topologyOf({ ...environment, outOfService: Object.fromEntries(gone) });
  assert.ok(flowTable(topology).some(({ name, to }) => name === "office-desk" && to.cidrs.length === 0));
  hasNoEmptySet(topology);
});

test("behind the company's own gateways each host asks the name servers, and nobody a gateway", () => {
  const rows = flowTable(external).filter(({ ports }) => ports.includes(platformPorts.dns));
  const askers = new Set(rows.flatMap(({ from, protocol }) => from.hosts.map((host) => `${host} ${protocol}`)));
  for (const { zone } of zonesOf(external))
    for (const { name } of zone.hosts) for (const protocol of ["tcp", "udp"]) assert.ok(askers.has(`${name} ${protocol}`), name);
  assert.deepEqual([...new Set(rows.map(({ to }) => to.label))], ["name servers"]);
});

test("rules for the company's own gateways have no empty set, and judge what passes and nothing that is for themselves", () => {
  hasNoEmptySet(external);
  const byZone = rowsByZone(flowTable(external));
  for (const { site, zone, name } of zonesOf(external)) {
    const { chains } = readRules(
      renderGatewayRules(external, site, zone, gatewayDevices(external, zone), byZone.get(name) ?? []),
    );
    assert.deepEqual([...chains.keys()], ["sources", "forged", "forward"]);
  }
});
