import assert from "node:assert/strict";
import { test } from "node:test";
import { nodePortsOf } from "../../../../environments/model/flows/applications.ts";
import { placeIn } from "../../../../scripts/lab/isolation/attacker.ts";
import { type Verdict, verdictsOn } from "../../../../scripts/lab/isolation/judge.ts";
import { flowProbe, zonesOf } from "../../../../scripts/lab/isolation/plan.ts";
import { allPodProbes } from "../../../../scripts/lab/isolation/pod-probes.ts";
import { keyOf, type Pod } from "../../../../scripts/lab/isolation/probes.ts";
import { chooser } from "../../../../scripts/lab/isolation/random.ts";
import { ground, pods } from "./field.ts";

const [, , pod] = pods as readonly [Pod, Pod, Pod];
const port = 8443;
const toPods = allPodProbes(ground, pods, chooser(1), 0);

/** What comes of a host's connection to a pod's node and of one to the pod itself, when one of them gets to the pod. */
function outcomes(name: string, passes: "by its node" | "by itself"): Verdict["outcome"][] {
  const host = ground.hosts.find((one) => one.name === name);
  const toPod = toPods.find((probe) => probe.from === host && probe.to.address === pod.address && probe.port === port);
  assert.ok(host && toPod);
  const toNode = flowProbe(ground, host, placeIn(ground, pod.node.name, "business"), "business", { protocol: "tcp", port });
  const passing = passes === "by itself" ? toPod : toNode;
  const reached = new Set<string>();
  const seen = [
    { sender: pod, keys: { reached, passed: new Set([keyOf({ ...passing, to: toPod.to })]) } },
    { sender: pod.node, keys: { reached, passed: new Set(passes === "by its node" ? [keyOf(toNode)] : []) } },
  ];
  return verdictsOn([toNode, toPod], { answered: new Set([0]), failed: new Map(), seen }).map(({ outcome }) => outcome);
}

test("the ports of a zone's nodes are those by which the table lets others in", () => {
  const portsOf = (name: string) =>
    zonesOf(ground.topology).flatMap((zone) => (zone.name === name ? [nodePortsOf(ground.table, zone)] : []));
  const open = [{ protocol: "tcp", port }];
  assert.deepEqual(portsOf("policy"), [open, open]);
  assert.deepEqual(portsOf("platform"), [[], []]);
});

test("what comes to a pod by a port of its node is its node's, and no packet for the pod itself", () => {
  assert.deepEqual(outcomes("dc1-internet-wk1", "by its node"), ["passed", "stopped"]);
  assert.deepEqual(outcomes("dc1-office-wk1", "by its node"), ["leak", "stopped"]);
});

test("what comes to a pod by its own address is a leak, and not what came by its node", () =>
  assert.deepEqual(outcomes("dc1-internet-wk1", "by itself"), ["missing", "leak"]));
