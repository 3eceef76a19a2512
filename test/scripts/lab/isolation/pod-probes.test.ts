import assert from "node:assert/strict";
import { test } from "node:test";
import { answer, placeOf } from "../../../../environments/model/flows/reach.ts";
import type { Flow } from "../../../../environments/model/topology.ts";
import { matrixOf, verdictsOn, why } from "../../../../scripts/lab/isolation/judge.ts";
import { readObserver } from "../../../../scripts/lab/isolation/observer.render.ts";
import { groundOf, questionOf, trafficOf } from "../../../../scripts/lab/isolation/plan.ts";
import { allPodProbes, podPlace, somePodProbes } from "../../../../scripts/lab/isolation/pod-probes.ts";
import { keyOf, type Probe, probePorts } from "../../../../scripts/lab/isolation/probes.ts";
import { chooser } from "../../../../scripts/lab/isolation/random.ts";
import { ground, pods } from "./field.ts";

const all = allPodProbes(ground, pods, chooser(1), 12);
const said = ({ from, to, protocol, port }: Probe): string => `${from.name} ${to.label} ${protocol} ${port}`;

test("every pod is tried from every host but its own node and from every other pod, by every port", () => {
  const perPair = trafficOf(ground).length;
  for (const pod of pods) {
    const senders = new Set(
      all.filter(({ to, kind }) => kind === "flow" && to.address === pod.address).map(({ from }) => from.name),
    );
    const wanted = [...ground.hosts, ...pods]
      .map(({ name }) => name)
      .filter((name) => name !== pod.name && name !== pod.node.name);
    assert.deepEqual([...senders].toSorted(), wanted.toSorted());
  }
  const [first, second] = pods.map(podPlace);
  assert.equal(all.filter(({ from, to }) => from.name === first?.label && to.address === second?.address).length, perPair);
});

test("a pod may what a business flow says of its zone as a whole, and nothing that its node alone may", () => {
  const passing = new Set(all.filter(({ expected }) => expected === "passes").map(said));
  const database = placeOf(ground.topology, "dc1-platform/database", "storage");
  assert.ok(passing.has(`dc1-policy-wk1-a ${database?.label} tcp 3306`));
  for (const one of passing) assert.match(one, /^dc1-policy-wk1-a /);
  // Its node asks the API and its zone's name server.
  const nodes = all.filter(
    (probe) =>
      probe.expected === "stops" &&
      probe.kind === "flow" &&
      probe.from.role === "pod" &&
      answer(ground.table, questionOf(probe)).rows.length > 0,
  );
  assert.ok(nodes.some(({ port }) => port === 6443));
  assert.ok(nodes.some(({ port }) => port === 53));
  const [one] = nodes;
  assert.ok(one);
  const [verdict] = verdictsOn([one], { answered: new Set([0]), failed: new Map(), seen: [] });
  assert.ok(verdict);
  assert.match(
    why(ground, verdict),
    /it was answered; as the table is, it is for hosts: the network policies of platform permit its pods no such thing/,
  );
});

test("a flow within a zone lets its pods reach one another, and nobody else; one that does not says which", () => {
  const claims: Flow = {
    ...{ name: "claims", from: "platform", to: "platform", plane: "business", protocol: "tcp", ports: [9090] },
    ...{ purpose: "x", owner: "x" },
  };
  const { topology } = ground;
  const within = groundOf({ ...topology, flows: [...topology.flows, claims] });
  const passing = allPodProbes(within, pods, chooser(1), 12).filter(
    ({ from, port, protocol, expected }) => from.role === "pod" && port === 9090 && protocol === "tcp" && expected === "passes",
  );
  assert.deepEqual(passing.map(({ from, to, plane }) => `${from.name} ${to.label} ${plane}`).toSorted(), [
    "dc1-platform-wk1-a dc1-platform-wk1-b business",
    "dc1-platform-wk1-b dc1-platform-wk1-a business",
  ]);
  const [verdict] = verdictsOn(passing.slice(0, 1), { answered: new Set(), failed: new Map(), seen: [] });
  assert.ok(verdict);
  assert.match(why(within, verdict), /: it did not arrive; claims permits it$/);
});

test("a sample has every pair of pods, and all that a zone's applications may", () => {
  const some = somePodProbes(ground, pods, chooser(7), 3);
  const pairs = new Set(some.map(({ from, to }) => `${from.name} ${to.label}`));
  for (const from of pods) for (const to of pods) if (from !== to) assert.ok(pairs.has(`${from.name} ${to.name}`));
  const permitted = (probes: readonly Probe[]): string[] =>
    [...new Set(probes.filter(({ expected }) => expected === "passes").map(said))].toSorted();
  assert.deepEqual(permitted(some), permitted(all));
  assert.ok(some.some(({ kind, means }) => kind === "pod" && means?.forged !== undefined));
});

test("a pod is known by its source port, whatever address its node gives it on the way", () => {
  const [pod] = pods;
  const probe = all.find(({ from, protocol, to }) => from === pod && protocol === "tcp" && to.hosts?.length === 1);
  assert.ok(pod && probe);
  assert.ok(probe.sourcePort >= probePorts.pods && probe.sourcePort <= probePorts.last);
  const elem = [{ concat: ["tcp", pod.node.addresses.business, probe.to.address, probe.sourcePort, probe.port] }];
  const { passed } = readObserver(JSON.stringify({ nftables: [{ set: { name: "passed", elem } }] }));
  assert.deepEqual([...passed], [keyOf(probe)]);
  const senders = new Map(all.filter(({ from }) => from.role === "pod").map((one) => [one.sourcePort, one.from.name]));
  for (const one of all)
    if (one.from.role === "pod" && one.protocol !== "icmp") assert.equal(senders.get(one.sourcePort), one.from.name);
});

test("the matrix tells pods from the hosts of their zone", () => {
  const verdicts = verdictsOn(all.slice(0, 1).concat(all.filter(({ from }) => from.role === "pod").slice(0, 1)), {
    ...{ answered: new Set<number>(), failed: new Map<number, string>(), seen: [] },
  });
  assert.ok(matrixOf(verdicts).some(({ from }) => from === "dc1-platform pods"));
  assert.ok(
    matrixOf(verdictsOn(all, { answered: new Set(), failed: new Map(), seen: [] })).some(
      ({ from, to }) => from === "dc2-office" && to === "dc1-policy pods",
    ),
  );
});
