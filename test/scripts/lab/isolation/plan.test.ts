import assert from "node:assert/strict";
import { test } from "node:test";
import { answer } from "../../../../environments/model/flows/reach.ts";
import { planes } from "../../../../environments/model/topology.ts";
import { attackProbes } from "../../../../scripts/lab/isolation/attacks.ts";
import { failoverProbes } from "../../../../scripts/lab/isolation/failover-probes.ts";
import {
  allFlowProbes,
  gatewaysOf,
  groundOf,
  questionOf,
  someFlowProbes,
  trafficOf,
  untriedRows,
  zonesOf,
} from "../../../../scripts/lab/isolation/plan.ts";
import { attacks, keyOf, type Probe, probePorts } from "../../../../scripts/lab/isolation/probes.ts";
import { chooser } from "../../../../scripts/lab/isolation/random.ts";
import { sourcePorts } from "../../../../scripts/lab/isolation/source-ports.ts";
import { linkLocal } from "../../../../scripts/lab/isolation/wires.ts";
import { ground, surroundings } from "./field.ts";

const short = (seed: number): Probe[] =>
  attackProbes(ground, surroundings, chooser(seed), sourcePorts(), { attackers: 1, most: 3 });

const everyFlow = allFlowProbes(ground);

test("all pairs: every host to every other one and to each shared address, in each plane, by every port", () => {
  const probes = everyFlow;
  const traffic = trafficOf(ground);
  const vips = planes.map((plane) => ground.targets[plane].filter(({ hosts }) => hosts?.length === 2).length);
  const hosts = ground.hosts.length;
  // Nobody sends to itself, and neither of a pair to the address that it may hold.
  const shared = vips.reduce((sum, count) => sum + count * (hosts - 2), 0);
  assert.equal(probes.length, (3 * hosts * (hosts - 1) + shared) * traffic.length);
  assert.ok(probes.length > 180_000, String(probes.length));
  assert.equal(new Set(probes.map((probe) => `${probe.from.name} ${keyOf(probe)}`)).size, probes.length);
});

test("what is expected is what the whole table answers", () => {
  for (const probe of chooser(1)(everyFlow, 2_000)) {
    const { rows } = answer(ground.table, questionOf(probe));
    assert.equal(probe.expected, rows.length > 0 ? "passes" : "stops", keyOf(probe));
  }
});

test("every port of the table is tried, ports of nobody, and an echo", () => {
  const traffic = trafficOf(ground).map(({ protocol, port }) => `${protocol} ${port}`);
  for (const { protocol, ports } of ground.table)
    if (protocol === "tcp" || protocol === "udp") for (const port of ports) assert.ok(traffic.includes(`${protocol} ${port}`));
  assert.ok(["icmp 0", "tcp 1", "udp 161"].every((one) => traffic.includes(one)));
});

test("a sample tries each row's way from zone to zone, and every address of each plane in vain from neighbours and strangers", () => {
  for (const seed of [1, 2, 3]) {
    const probes = someFlowProbes(ground, chooser(seed));
    const tried = new Set(
      probes.filter(({ expected }) => expected === "passes").flatMap((probe) => ground.permitting(questionOf(probe))),
    );
    for (const row of ground.table) {
      const isThere = ground.targets[row.plane].some(({ address }) => row.to.cidrs.includes(`${address}/32`));
      const inside = row.from.hosts.length > 0 && isThere && row.protocol !== "vrrp";
      if (inside && (row.from.hosts.length > 1 || row.from.hosts[0] !== row.to.hosts[0]))
        assert.ok(tried.has(row), `${row.name} ${row.from.label}`);
    }
    const stopped = probes.filter(({ expected }) => expected === "stops");
    for (const plane of planes)
      for (const { address, site, zone } of ground.targets[plane]) {
        const own = stopped.filter((probe) => probe.to.address === address && probe.plane === plane);
        const near = own.filter(({ from }) => from.site === site && from.zone === zone);
        assert.ok(near.length >= 1 && own.length - near.length === 6, `${address}: ${near.length} of ${own.length}`);
      }
  }
});

test("a seed repeats a sample, and another one gives another", () => {
  const keys = (seed: number): string[] => [...someFlowProbes(ground, chooser(seed)), ...short(seed)].map(keyOf);
  assert.deepEqual(keys(7), keys(7));
  assert.notDeepEqual(keys(7), keys(8));
});

test("rows that nobody can try are those with an end outside, and VRRP", () => {
  const probes = someFlowProbes(ground, chooser(4));
  assert.deepEqual(untriedRows(ground, probes).sort(), [
    ...["administration", "api-servers", "balancer-status", "balancer-vrrp", "customer-portal", "gateway-vrrp", "image-delivery"],
    ...["office-desk", "operation", "operation-echo", "partner-api", "payments"],
  ]);
});

test("a site alone: its own hosts and addresses, and no row of the other one", () => {
  const half = groundOf(ground.topology, ["dc2"]);
  assert.equal(half.hosts.length, 25);
  assert.ok(someFlowProbes(half, chooser(1)).every(({ from, to }) => from.site === "dc2" && to.site === "dc2"));
});

test("a sample holds every attack, from every zone; none from a gateway", () => {
  const probes = short(5);
  for (const kind of Object.keys(attacks)) {
    if (kind === "failover" || kind === "pod") continue;
    const own = probes.filter((probe) => probe.kind === kind);
    assert.ok(own.length > 0, kind);
    if (!["management-leg", "answer"].includes(kind))
      assert.equal(new Set(own.map(({ from }) => `${from.site}-${from.zone}`)).size, 10, kind);
  }
  assert.ok(probes.every(({ from }) => from.role !== "gateway"));
});

test("a source port tells one sender and its means, and lies in the range that observers look for", () => {
  const probes = attackProbes(ground, surroundings, chooser(6), sourcePorts(), { attackers: 99, most: 12 });
  const byPort = Map.groupBy(
    probes.filter(({ means, source }) => means && source !== undefined),
    ({ sourcePort }) => sourcePort,
  );
  assert.ok(byPort.size > 1_000);
  for (const [port, own] of byPort) {
    assert.equal(new Set(own.map(({ from, means }) => `${from.name} ${JSON.stringify(means)}`)).size, 1, String(port));
    assert.ok(port > probePorts.first && port <= probePorts.last);
  }
  const served = ground.table.flatMap(({ ports }) => ports);
  assert.ok(served.every((port) => port < probePorts.first || port > probePorts.last));
});

test("no two senders' probes look the same to a receiver, also when they forge the same address", () => {
  const probes = attackProbes(ground, surroundings, chooser(11), sourcePorts(), { attackers: 99, most: 12 }).filter(
    ({ protocol }) => protocol !== "icmp",
  );
  for (const [key, own] of Map.groupBy(probes, keyOf)) assert.equal(new Set(own.map(({ from }) => from.name)).size, 1, key);
});

test("a forged sender is expected to pass nowhere but on a wire that it shares with the real one or the target", () => {
  let open = 0;
  for (const { expected, kind, from, to, means } of attackProbes(ground, surroundings, chooser(9), sourcePorts(), {
    attackers: 9,
    most: 12,
  })) {
    if (expected === "stops") continue;
    open += 1;
    assert.equal(expected, "open");
    const claimed = ground.hosts.find(({ addresses }) => Object.values(addresses).includes(means?.forged ?? ""));
    const isHere = (place: { site?: string; zone?: string } | undefined) =>
      place?.site === from.site && place?.zone === from.zone;
    assert.ok(isHere(claimed) || isHere(to), `${kind}: ${from.name} as ${means?.forged} to ${to.label}`);
  }
  assert.ok(open > 0);
});

test("a link-local address is made of the hardware address", () => {
  assert.equal(linkLocal("02:42:0a:4d:6f:0f"), "fe80::42:aff:fe4d:6f0f");
});

test("while a gateway fails, what crosses its zone's border is tried both ways and by each gateway's own address; what may pass, too", () => {
  const zone = zonesOf(ground.topology).find(({ site, name }) => site === "dc1" && name === "policy");
  assert.ok(zone);
  const probes = failoverProbes(ground, zone, chooser(3), sourcePorts());
  const isHere = (end: { site?: string; zone?: string }) => end.site === "dc1" && end.zone === "policy";
  assert.ok(probes.every(({ from, to, kind }) => kind === "failover" && isHere(from) !== isHere(to)));
  assert.ok(probes.some(({ from }) => isHere(from)) && probes.some(({ to }) => isHere(to)));
  assert.equal(probes.filter(({ expected }) => expected === "passes").length, 8);
  const ways = new Set(probes.flatMap(({ means }) => means?.route?.via ?? []));
  for (const gateway of gatewaysOf(zone))
    assert.ok(
      Object.values(gateway.addresses).some((address) => ways.has(address)),
      gateway.name,
    );
  // What was seen before the failure has other source ports.
  const before = new Set(someFlowProbes(ground, chooser(3)).map(({ sourcePort }) => sourcePort));
  assert.ok(probes.every(({ sourcePort }) => !before.has(sourcePort)));
});
