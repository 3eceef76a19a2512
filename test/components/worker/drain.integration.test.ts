import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { emptyForVersion, emptyLeaving, type NodePlace, openAgain } from "../../../components/worker/drain.ts";
import { zoneLabel } from "../../../components/worker/worker.render.ts";
import { type ApiCall, type ApiCreate, at, callerOf, type Json, restrictedContainer } from "../../support/api-call.ts";
import { startControlPlane, type TestControlPlane } from "../../support/control-plane.ts";
import { type SimulatedNodes, simulateNodes } from "../../support/simulated-nodes.ts";
import { until } from "../../support/until.ts";

// The real API server evicts; the nodes are simulated (kwok).

const timings = { nodeLeaseSeconds: 8, nodeGraceSeconds: 8, podTolerationSeconds: 10 };

let plane: TestControlPlane;
let api: ApiCall;
let create: ApiCreate;
let nodes: SimulatedNodes;

before(async () => {
  plane = await startControlPlane(timings);
  ({ api, create } = callerOf(plane));
  nodes = await simulateNodes(plane, create, ["old", "other", "leaving"]);
  const account = "/api/v1/namespaces/default/serviceaccounts/default";
  await until("pods can be made", async () => (await api(account)).status === 200, 30_000);
  const nodeInfo = { kubeletVersion: "v1.35.2" };
  await api("/api/v1/nodes/old/status", { method: "PATCH", body: { status: { nodeInfo } } });
});
after(async () => {
  await nodes?.silence();
  await plane?.stop();
});

const place = (): NodePlace => ({
  node: "old",
  server: { name: "test", address: "127.0.0.1", port: plane.ports.api },
  caller: { authorities: plane.authorities, user: plane.administrator },
});
const node = async (): Promise<Json> => (await api("/api/v1/nodes/old")).body;
const podsOn = async (name: string): Promise<readonly Json[]> =>
  (await api(`/api/v1/pods?fieldSelector=spec.nodeName%3D${name}`)).body["items"] as readonly Json[];
const podsOnOld = (): Promise<readonly Json[]> => podsOn("old");
const placePod = (name: string, nodeName = "old"): Promise<unknown> =>
  create("/api/v1/namespaces/default/pods", {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, labels: { app: name } },
    spec: { nodeName, terminationGracePeriodSeconds: 0, containers: [restrictedContainer] },
  });

test("a node that keeps its minor version keeps its pods", async () => {
  await placePod("stays");
  await emptyForVersion(place(), "1.35.9");
  assert.equal((await podsOnOld()).length, 1);
  assert.equal(at(await node(), "spec", "unschedulable"), undefined);
});

test("a pod that its disruption budget keeps stops the change of its node, by name, and the node stays closed", async () => {
  await create("/apis/policy/v1/namespaces/default/poddisruptionbudgets", {
    apiVersion: "policy/v1",
    kind: "PodDisruptionBudget",
    metadata: { name: "stays" },
    spec: { minAvailable: 1, selector: { matchLabels: { app: "stays" } } },
  });
  await until(
    "the budget counts the pod",
    async () =>
      at((await api("/apis/policy/v1/namespaces/default/poddisruptionbudgets/stays")).body, "status", "currentHealthy") === 1,
  );
  await assert.rejects(emptyForVersion(place(), "1.36.3", 3), /old: it is to be emptied for version 1\.36\.3.*default\/stays/);
  assert.equal((await podsOnOld()).length, 1);
  assert.equal(at(await node(), "spec", "unschedulable"), true);
  await api("/apis/policy/v1/namespaces/default/poddisruptionbudgets/stays", { method: "DELETE" });
});

test("a node that gets another minor version is closed and emptied, and opened when that is over; one that a person closed is not", async () => {
  await emptyForVersion(place(), "1.36.3", 60);
  assert.deepEqual(await podsOnOld(), []);
  assert.equal(at(await node(), "spec", "unschedulable"), true);
  await openAgain(place());
  assert.equal(at(await node(), "spec", "unschedulable"), undefined);
  await api("/api/v1/nodes/old", { method: "PATCH", body: { spec: { unschedulable: true } } });
  await openAgain(place());
  assert.equal(at(await node(), "spec", "unschedulable"), true);
});

test("a node that leaves its zone is closed and emptied; one that stays, one of another zone and one that is silent are left alone", async () => {
  await create("/api/v1/nodes", { apiVersion: "v1", kind: "Node", metadata: { name: "silent" } });
  const places = { other: "office", leaving: "office", silent: "office", old: "policy" };
  for (const [name, zone] of Object.entries(places))
    await api(`/api/v1/nodes/${name}`, { method: "PATCH", body: { metadata: { labels: { [zoneLabel]: zone } } } });
  const simulated = ["other", "leaving", "old"];
  for (const name of simulated) await placePod(`on-${name}`, name);
  const { node: _, ...cluster } = place();
  await emptyLeaving(cluster, "office", ["other"], 60);
  const left = await Promise.all(simulated.map(async (name) => (await podsOn(name)).length));
  assert.deepEqual(left, [1, 0, 1]);
  assert.equal(at((await api("/api/v1/nodes/leaving")).body, "spec", "unschedulable"), true);
  assert.equal(at((await api("/api/v1/nodes/silent")).body, "spec", "unschedulable"), undefined);
});
