import assert from "node:assert/strict";
import { test } from "node:test";
import { kindOf } from "../../../../../scripts/toolchain/plugins/kubernetes/manifest.ts";
import { type Related, readiness } from "../../../../../scripts/toolchain/plugins/kubernetes/readiness.ts";
import { refreshedInputs } from "../../../../../scripts/toolchain/plugins/kubernetes/refreshed.ts";
import { waitedFor, waitForOf } from "../../../../../scripts/toolchain/plugins/kubernetes/wait-for.ts";
import { isSecret, secret, type Value, type Values } from "../../../../../scripts/toolchain/plugins/provider/values.ts";

const nothing: Related = { endpointSlices: async () => [], storageClass: async () => undefined };
const condition = (type: string, status = "True", reason = "", message = ""): Values => ({ type, status, reason, message });

const cases: [what: string, apiVersion: string, kind: string, spec: Values, status: Values, expected: "ready" | RegExp][] = [
  ["seen by nobody yet", "apps/v1", "Deployment", { replicas: 1 }, {}, /has not seen/],
  [
    "with old replicas left",
    "apps/v1",
    "Deployment",
    { replicas: 1 },
    { observedGeneration: 2, replicas: 2, updatedReplicas: 1, availableReplicas: 2 },
    /1 old replicas/,
  ],
  [
    "past its deadline",
    "apps/v1",
    "Deployment",
    {},
    { observedGeneration: 2, conditions: [condition("Progressing", "False", "ProgressDeadlineExceeded", "deadline!")] },
    /deadline!/,
  ],
  ["scaled to nothing", "apps/v1", "Deployment", { replicas: 0 }, { observedGeneration: 2 }, "ready"],
  [
    "half updated",
    "apps/v1",
    "StatefulSet",
    { replicas: 2 },
    { observedGeneration: 2, readyReplicas: 2, updatedReplicas: 1, currentRevision: "a", updateRevision: "b" },
    /1 of 2 replicas updated/,
  ],
  [
    "updated",
    "apps/v1",
    "StatefulSet",
    { replicas: 2 },
    { observedGeneration: 2, readyReplicas: 2, updatedReplicas: 2, currentRevision: "a", updateRevision: "b" },
    "ready",
  ],
  [
    "missing a node",
    "apps/v1",
    "DaemonSet",
    {},
    { observedGeneration: 2, desiredNumberScheduled: 3, updatedNumberScheduled: 3, numberAvailable: 2 },
    /2 of 3 nodes available/,
  ],
  ["running", "batch/v1", "Job", { completions: 2 }, { succeeded: 1 }, /1 of 2 pods succeeded/],
  [
    "failed",
    "batch/v1",
    "Job",
    {},
    { conditions: [condition("Failed", "True", "BackoffLimitExceeded", "no")] },
    /BackoffLimitExceeded/,
  ],
  ["complete", "batch/v1", "Job", {}, { conditions: [condition("Complete")] }, "ready"],
  ["suspended", "batch/v1", "Job", { suspend: true }, {}, "ready"],
  [
    "without its image",
    "v1",
    "Pod",
    {},
    { phase: "Pending", containerStatuses: [{ name: "a", state: { waiting: { reason: "ImagePullBackOff" } } }] },
    /container a: ImagePullBackOff/,
  ],
  ["ready", "v1", "Pod", {}, { phase: "Running", conditions: [condition("Ready")] }, "ready"],
  ["without pods", "v1", "Service", { selector: { a: "b" }, clusterIP: "10.0.0.1" }, {}, /no pod/],
  ["headless", "v1", "Service", { selector: { a: "b" }, clusterIP: "None" }, {}, "ready"],
  ["without a selector", "v1", "Service", { clusterIP: "10.0.0.1" }, {}, "ready"],
  ["without an address", "v1", "Service", { type: "LoadBalancer" }, {}, /load balancer/],
  ["pending", "v1", "PersistentVolumeClaim", { storageClassName: "fast" }, { phase: "Pending" }, /phase Pending/],
  ["available", "v1", "PersistentVolume", {}, { phase: "Available" }, "ready"],
  ["not in force", "v1", "ResourceQuota", { hard: { pods: "1" } }, {}, /0 of 1 limits/],
  ["not established", "apiextensions.k8s.io/v1", "CustomResourceDefinition", {}, {}, /not established/],
  ["unknown to the table", "example.com/v1", "Widget", {}, {}, "ready"],
];

for (const [what, apiVersion, kind, spec, status, expected] of cases) {
  test(`a ${kind} ${what} is ${expected === "ready" ? "ready" : `not ready: ${expected.source}`}`, async () => {
    const object: Values = { apiVersion, kind, metadata: { name: "x", generation: 2 }, spec, status };
    const found = await readiness(kindOf(object), object, nothing);
    if (expected === "ready") assert.equal(found, "ready");
    else assert.match(JSON.stringify(found), expected);
  });
}

test("a claim that its first pod will bind is not waited for; a service with a ready endpoint is up", async () => {
  const related: Related = {
    endpointSlices: async (): Promise<Value[]> => [{ endpoints: [{ conditions: { ready: true } }] }],
    storageClass: async () => ({ volumeBindingMode: "WaitForFirstConsumer" }),
  };
  const claim: Values = {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    spec: { storageClassName: "late" },
    status: { phase: "Pending" },
  };
  assert.equal(await readiness(kindOf(claim), claim, related), "ready");
  const service: Values = { apiVersion: "v1", kind: "Service", spec: { selector: { a: "b" } } };
  assert.equal(await readiness(kindOf(service), service, related), "ready");
});

test("pulumi.com/waitFor reads conditions and paths, and refuses what it can't", () => {
  const waiting = (text: string): Values => ({ metadata: { annotations: { "pulumi.com/waitFor": text } } });
  const object: Values = { status: { phase: "Running", conditions: [condition("Synced", "False")] } };
  const judge = (text: string) => waitedFor(object, waitForOf(waiting(text)) ?? []);
  assert.equal(judge("jsonpath={.status.phase}=Running"), "ready");
  assert.equal(judge('["condition=Synced=False", "jsonpath={.status.phase}"]'), "ready");
  assert.match(JSON.stringify(judge("condition=Synced")), /Synced is False, not True/);
  assert.match(JSON.stringify(judge("jsonpath={.status.none}")), /\.status\.none is not set/);
  assert.throws(() => judge("jsonpath={.status[0]}"), /not covered; allowed/);
});

test("a refresh shows what others changed of what was declared, and nothing else", () => {
  const inputs: Values = { kind: "Deployment", spec: { cpu: "1000m", size: 1, list: [{ name: "a", v: 1 }] } };
  const last: Values = { kind: "Deployment", spec: { cpu: "1", size: 1, defaulted: true, list: [{ name: "a", v: 1 }] } };
  assert.deepEqual(refreshedInputs(inputs, last, last), inputs);
  const live: Values = {
    kind: "Deployment",
    spec: { cpu: "1", size: 2, defaulted: false, list: [{ name: "theirs" }, { name: "a", v: 2 }] },
  };
  assert.deepEqual(refreshedInputs(inputs, last, live), {
    kind: "Deployment",
    spec: { cpu: "1000m", size: 2, list: [{ name: "a", v: 2 }] },
  });
});

test("a refresh sees that a Secret's content was changed, and keeps it secret", () => {
  const data = (text: string): Values => ({ kind: "Secret", data: { a: Buffer.from(text).toString("base64") } });
  const inputs: Values = { kind: "Secret", stringData: secret({ a: "one" }) };
  assert.deepEqual(refreshedInputs(inputs, data("one"), data("one")), inputs);
  const changed = refreshedInputs(inputs, data("one"), data("two"))["stringData"];
  assert.ok(isSecret(changed));
  assert.deepEqual(changed, secret({ a: "two" }));
});
