import assert from "node:assert/strict";
import { test } from "node:test";
import { answer } from "../../../../environments/model/flows/reach.ts";
import { type Verdict, verdictsOn } from "../../../../scripts/lab/isolation/judge.ts";
import { outsiderOf, renderOutside, withOutside } from "../../../../scripts/lab/isolation/outside.ts";
import { allFlowProbes, questionOf, someFlowProbes, untriedRows } from "../../../../scripts/lab/isolation/plan.ts";
import { allPodProbes } from "../../../../scripts/lab/isolation/pod-probes.ts";
import { keyOf, type Probe, type Sender } from "../../../../scripts/lab/isolation/probes.ts";
import { chooser } from "../../../../scripts/lab/isolation/random.ts";
import { ground, pods } from "./field.ts";

const wide = withOutside(ground);
const all = allFlowProbes(wide);
const fromOutside = all.filter(({ from }) => from.role === "outside");
const toOutside = all.filter(({ to }) => to.site === undefined);

test("networks outside send to every address of their site, and every host but gateways sends to them, by all that is tried", () => {
  const sizes = new Set(fromOutside.map(({ from }) => from.name));
  assert.deepEqual([...sizes].toSorted(), ["dc1-outside", "dc2-outside"]);
  assert.ok(fromOutside.every(({ from, to }) => from.site === to.site));
  const [site] = ground.topology.sites;
  assert.ok(site);
  const sources = new Set(fromOutside.map(({ source }) => source));
  assert.deepEqual([...sources].toSorted(), Object.values(outsiderOf(ground.topology, site).addresses).toSorted());
  const hosts = ground.hosts.filter(({ role }) => role !== "gateway").map(({ name }) => name);
  assert.deepEqual([...new Set(toOutside.map(({ from }) => from.name))].toSorted(), hosts.toSorted());
});

test("they try every pod of their site by its own address, in vain", () => {
  const probes = allPodProbes(wide, pods, chooser(1), 0).filter(({ from }) => from.role === "outside");
  assert.deepEqual([...new Set(probes.map(({ to }) => to.label))].toSorted(), pods.map(({ name }) => name).toSorted());
  assert.ok(probes.every(({ from, expected }) => from.site === "dc1" && expected === "stops"));
});

test("what is expected of them is what the table answers", () => {
  for (const probe of [...fromOutside, ...toOutside].filter((_, index) => index % 7 === 0))
    assert.equal(probe.expected, answer(wide.table, questionOf(probe)).rows.length > 0 ? "passes" : "stops");
  const passing = (probes: readonly Probe[]): string[] =>
    [
      ...new Set(
        probes
          .filter(({ expected }) => expected === "passes")
          .flatMap((one) => answer(wide.table, questionOf(one)).rows.map(({ name }) => name)),
      ),
    ].toSorted();
  assert.deepEqual(passing(fromOutside), ["customer-portal", "office-desk", "partner-api"]);
  assert.deepEqual(passing(toOutside), ["payments"]);
});

test("a sample has each of their rows, and left untried are no rows but those of operators, and VRRP", () => {
  const some = someFlowProbes(wide, chooser(3));
  const gained = untriedRows(ground, someFlowProbes(ground, chooser(3))).filter(
    (name) => !untriedRows(wide, some).includes(name),
  );
  assert.deepEqual(gained.toSorted(), ["customer-portal", "office-desk", "partner-api", "payments"]);
  assert.ok(some.some(({ from, expected }) => from.role === "outside" && expected === "stops"));
});

test("a packet from outside is stopped by the gateways that it comes to; one that gets past them is a leak", () => {
  const probe = fromOutside.find(
    ({ expected, protocol, to }) => expected === "stops" && protocol === "tcp" && to.zone === "policy",
  );
  assert.ok(probe);
  const judged = (sender: Sender | undefined): Verdict["outcome"] | undefined => {
    assert.ok(sender);
    const seen = [{ sender, keys: { reached: new Set([keyOf(probe)]), passed: new Set<string>() } }];
    return verdictsOn([probe], { answered: new Set(), failed: new Map(), seen })[0]?.outcome;
  };
  const named = (name: string): Sender | undefined => ground.hosts.find((host) => host.name === name);
  assert.equal(judged(named(`${probe.from.site}-policy-gw1`)), "stopped");
  assert.equal(judged(named(`${probe.from.site}-policy-wk1`)), "leak");
});

test("who plays them has the router's address, the networks' own, and the zones' gateways as the way to all planes and pods", () => {
  const [site] = ground.topology.sites;
  assert.ok(site);
  const lines = renderOutside(site, outsiderOf(ground.topology, site), "core").split("\n");
  assert.ok(lines.includes(`address add ${site.core.upstream}/26 dev core`));
  assert.ok(lines.includes("address add 10.77.4.1/32 dev lo"));
  for (const { planes, pods, core } of site.zones)
    for (const cidr of [...Object.values(planes).map((plane) => plane.cidr), pods.cidr])
      assert.ok(lines.includes(`route add ${cidr} via ${core.address} dev core`), cidr);
});
