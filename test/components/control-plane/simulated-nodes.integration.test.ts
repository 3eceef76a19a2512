import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { outageOf, outageSeconds } from "../../../environments/model/outages.ts";
import { nodeEvictionSeconds, nodeLookSeconds } from "../../../environments/model/timings.ts";
import { type ApiCall, type ApiCreate, at, callerOf, type Json, restrictedContainer } from "../../support/api-call.ts";
import { startControlPlane, type TestControlPlane } from "../../support/control-plane.ts";
import { type SimulatedNodes, simulateNodes } from "../../support/simulated-nodes.ts";
import { until } from "../../support/until.ts";

// The real API server, controllers and scheduler; the nodes are simulated (kwok): what they would run is not there.

// As the modes have them, but shorter.
const timings = { nodeLeaseSeconds: 8, nodeGraceSeconds: 8, podTolerationSeconds: 10 };
/** The machine is busy. */
const slackSeconds = 60;

let plane: TestControlPlane;
let api: ApiCall;
let create: ApiCreate;
let steady: SimulatedNodes;
let doomed: SimulatedNodes;
let next: SimulatedNodes;

before(async () => {
  plane = await startControlPlane(timings);
  ({ api, create } = callerOf(plane));
  steady = await simulateNodes(plane, create, ["simulated-1", "simulated-2", "simulated-3"]);
  doomed = await simulateNodes(plane, create, ["simulated-4"]);
  next = await simulateNodes(plane, create, ["simulated-5"]);
});
after(async () => {
  await steady?.silence();
  await doomed?.silence();
  await next?.silence();
  await plane?.stop();
});

const pods = async (): Promise<readonly Json[]> =>
  (await api("/api/v1/namespaces/default/pods?labelSelector=app%3Dweb")).body["items"] as readonly Json[];
const podOn = async (node: string): Promise<Json | undefined> =>
  (await pods()).find((pod) => at(pod, "spec", "nodeName") === node);
const taintsOf = async (node: string): Promise<readonly Json[]> =>
  (at((await api(`/api/v1/nodes/${node}`)).body, "spec", "taints") ?? []) as readonly Json[];
const evicting = async (node: string): Promise<Json | undefined> =>
  (await taintsOf(node)).find(({ effect }) => effect === "NoExecute");
const time = (value: unknown): number => Date.parse(String(value));

test("the scheduler places a deployment as its rules say, one pod a node, and its pods run", async () => {
  const labels = { app: "web" };
  const apart = { labelSelector: { matchLabels: labels }, topologyKey: "kubernetes.io/hostname" };
  await create("/apis/apps/v1/namespaces/default/deployments", {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "web" },
    spec: {
      replicas: 5,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [apart] } },
          containers: [restrictedContainer],
        },
      },
    },
  });
  await until(
    "the deployment is available",
    async () => at((await api("/apis/apps/v1/namespaces/default/deployments/web")).body, "status", "availableReplicas") === 5,
    30_000,
  );
  const placed = (await pods()).map((pod) => at(pod, "spec", "nodeName"));
  assert.deepEqual(placed.toSorted(), [...steady.names, ...doomed.names, ...next.names]);
});

test("a node that falls silent keeps its pods for as long as pods bear it, and only then loses them", async () => {
  const [node = ""] = doomed.names;
  const { uid } = ((await podOn(node))?.["metadata"] ?? {}) as Json;
  await doomed.silence();
  const lease = (await api(`/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/${node}`)).body;
  await until(
    "the node is tainted",
    async () => (await evicting(node)) !== undefined,
    (timings.nodeGraceSeconds + slackSeconds) * 1000,
  );
  const tainted = time((await evicting(node))?.["timeAdded"]);
  // The API keeps whole seconds.
  assert.ok(tainted - time(at(lease, "spec", "renewTime")) > (timings.nodeGraceSeconds - 1) * 1000);

  let deleted: Json | undefined;
  await until(
    "its pod is deleted",
    async () => {
      deleted = (await pods()).find(
        (pod) => at(pod, "metadata", "uid") === uid && at(pod, "metadata", "deletionTimestamp") !== undefined,
      );
      return deleted !== undefined;
    },
    (timings.podTolerationSeconds + slackSeconds) * 1000,
  );
  const graceMs = Number(at(deleted, "metadata", "deletionGracePeriodSeconds")) * 1000;
  const evicted = time(at(deleted, "metadata", "deletionTimestamp")) - graceMs;
  assert.ok(evicted - tainted >= (timings.podTolerationSeconds - 1) * 1000, `${(evicted - tainted) / 1000} s after the taint`);
});

test("the next node that falls silent does not wait long for its turn", async () => {
  const [node = ""] = next.names;
  await next.silence();
  const predicted = timings.nodeGraceSeconds + nodeLookSeconds(plane.timings) + nodeEvictionSeconds;
  await until("it is tainted", async () => (await evicting(node)) !== undefined, (predicted + slackSeconds / 2) * 1000);
});

test("when no node is heard of it is the network: nothing is evicted from any of them", async () => {
  await steady.silence();
  const unknown = async (name: string): Promise<boolean> => {
    const conditions = at((await api(`/api/v1/nodes/${name}`)).body, "status", "conditions") as readonly Json[];
    return conditions.some(({ type, status }) => type === "Ready" && status === "Unknown");
  };
  const all = [...steady.names, ...doomed.names, ...next.names];
  const each = async (holds: (name: string) => Promise<boolean>): Promise<boolean> =>
    (await Promise.all(all.map(holds))).every(Boolean);
  await until("no node is ready", () => each(unknown), (timings.nodeGraceSeconds + slackSeconds) * 1000);
  // The controller takes even the taint back that evicted before.
  await until(
    "no node is tainted so that pods leave",
    () => each(async (name) => (await evicting(name)) === undefined),
    slackSeconds * 1000,
  );
  for (const name of steady.names) assert.equal(at(await podOn(name), "metadata", "deletionTimestamp"), undefined, name);
});

test("when the controllers' leader is killed, another one takes over within what is predicted", async () => {
  const path = "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/kube-controller-manager";
  const holder = async (): Promise<unknown> => at((await api(path)).body, "spec", "holderIdentity");
  const leader = await holder();
  const candidates = (): number =>
    plane.log("kube-controller-manager").match(/attempting to acquire leader lease/gi)?.length ?? 0;
  await plane.startSecond("kube-controller-manager");
  await until("the second one stands by", () => candidates() === 2, 30_000);
  assert.equal(await holder(), leader);
  await plane.kill("kube-controller-manager");
  const predicted = outageSeconds(outageOf("leader-dead", plane.timings), "controllers");
  await until("the second one leads", async () => ![leader, ""].includes((await holder()) as string), predicted * 1000);
});
