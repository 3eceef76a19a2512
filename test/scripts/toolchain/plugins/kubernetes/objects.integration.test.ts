import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { at, textAt } from "../../../../../scripts/toolchain/plugins/kubernetes/manifest.ts";
import {
  isSecret,
  isUnknown,
  plain,
  secret,
  unknown,
  type Values,
} from "../../../../../scripts/toolchain/plugins/provider/values.ts";
import { type ApiServer, startApiServer } from "../../../../support/api-server.ts";
import { type PluginProcess, startPlugin } from "../../../../support/plugin-process.ts";
import { freePort } from "../../../../support/sshd.ts";
import { until } from "../../../../support/until.ts";

const main = join(import.meta.dirname, "../../../../../scripts/toolchain/plugins/kubernetes/main.ts");
const [configMap, deployment, secretType] = [
  "kubernetes:core/v1:ConfigMap",
  "kubernetes:apps/v1:Deployment",
  "kubernetes:core/v1:Secret",
];
const signal = new AbortController().signal;
let server: ApiServer;
let plugin: PluginProcess;

before(async () => {
  server = await startApiServer();
  plugin = await startPlugin(main);
  await plugin.configure({ kubeconfig: secret(server.kubeconfig), enableConfigMapMutable: "true", enableSecretMutable: "true" });
});
after(async () => {
  await plugin?.stop();
  await server?.stop();
});

const mapNamed = (name: string, data: Values, more: Values = {}): Values => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name, ...more },
  data,
});
const pathOfMap = (name: string) => `/api/v1/namespaces/default/configmaps/${name}`;

function web(name: string, annotations: Values = {}): Values {
  const labels = { app: name };
  const template = { metadata: { labels }, spec: { containers: [{ name: "web", image: "web:1" }] } };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, annotations },
    spec: { replicas: 2, selector: { matchLabels: labels }, template },
  };
}
const pathOfWeb = (name: string) => `/apis/apps/v1/namespaces/default/deployments/${name}`;
const available = { observedGeneration: 1, replicas: 2, updatedReplicas: 2, readyReplicas: 2, availableReplicas: 2 };

test("an object is created, updated with removed keys, read and deleted", async () => {
  const first = mapNamed("life", { a: "1", b: "2" });
  const made = await plugin.create(configMap, first);
  assert.equal(made.id, "default/life");
  assert.equal(at(made.properties, "metadata", "managedFields"), undefined);
  const state = await plugin.update(configMap, made.properties, mapNamed("life", { a: "3" }));
  assert.deepEqual(at(state, "data"), { a: "3" });
  assert.deepEqual(at(await server.client.get(pathOfMap("life"), signal), "data"), { a: "3" });
  const read = await plugin.read(configMap, made.id, state, mapNamed("life", { a: "3" }));
  assert.deepEqual(read.inputs, mapNamed("life", { a: "3" }));
  await Promise.all([plugin.delete(configMap, state), server.collect(pathOfMap("life"))]);
  await assert.rejects(server.client.get(pathOfMap("life"), signal), /not found/);
  const gone = await plugin.read(configMap, made.id, state, mapNamed("life", { a: "3" }));
  assert.equal(gone.id, "");
});

test("an object that exists already is an error, in a preview too, and is left as it is", async () => {
  const body = mapNamed("theirs", { a: "theirs" });
  await server.client.call("/api/v1/namespaces/default/configmaps", { method: "POST", body, signal });
  for (const preview of [true, false]) {
    await assert.rejects(
      plugin.create(configMap, mapNamed("theirs", { a: "ours" }), { preview }),
      /theirs: it exists already.*Import it/,
    );
  }
  assert.deepEqual(at(await server.client.get(pathOfMap("theirs"), signal), "data"), { a: "theirs" });
});

test("what an interrupted run of the same resource made is taken over, with a line that says so", async () => {
  await plugin.create(configMap, mapNamed("orphan", { a: "1" }));
  const again = await plugin.create(configMap, mapNamed("orphan", { a: "2" }));
  assert.deepEqual(at(again.properties, "data"), { a: "2" });
  assert.ok(plugin.logs.some(({ message }) => /orphan was made by a run that was interrupted/.test(message)));
});

test("a field that another manager took over is an error that names the manager and the field", async () => {
  const { properties } = await plugin.create(configMap, mapNamed("shared", { a: "1", b: "1" }));
  const query = { fieldManager: "kubectl-edit" };
  const body = { data: { a: "edited" } };
  const contentType = "application/merge-patch+json";
  await server.client.call(pathOfMap("shared"), { method: "PATCH", query, body, contentType, signal });
  const news = mapNamed("shared", { a: "2", b: "1" });
  await assert.rejects(plugin.update(configMap, properties, news, { preview: true }), /data\.a.*kubectl-edit/s);
  await assert.rejects(plugin.update(configMap, properties, news), /\.data\.a.*kubectl-edit.*patchForce/s);
  const read = await plugin.read(configMap, "default/shared", properties, mapNamed("shared", { a: "1", b: "1" }));
  assert.deepEqual(at(read.inputs, "data"), { a: "edited", b: "1" });
  const forced = mapNamed("shared", { a: "2", b: "1" }, { annotations: { "pulumi.com/patchForce": "true" } });
  assert.deepEqual(at(await plugin.update(configMap, properties, forced), "data"), { a: "2", b: "1" });
});

test("an object that others deleted and made anew is not overwritten", async () => {
  const { properties } = await plugin.create(configMap, mapNamed("swapped", { a: "1" }));
  await server.client.call(pathOfMap("swapped"), { method: "DELETE", signal });
  await assert.rejects(
    plugin.update(configMap, properties, mapNamed("swapped", { a: "2" })),
    /not the object that the state speaks of/,
  );
  const body = mapNamed("swapped", { a: "new" });
  await server.client.call("/api/v1/namespaces/default/configmaps", { method: "POST", body, signal });
  await assert.rejects(
    plugin.update(configMap, properties, mapNamed("swapped", { b: "2" })),
    /not the object that the state speaks of/,
  );
  await plugin.delete(configMap, properties);
  assert.deepEqual(at(await server.client.get(pathOfMap("swapped"), signal), "data"), { a: "new" });
});

test("a deployment is waited for until its replicas are available", async () => {
  const creating = plugin.create(deployment, web("slow"));
  await server.setStatus(pathOfWeb("slow"), { ...available, availableReplicas: 1 });
  await until("it says what it waits for", () => plugin.logs.some(({ message }) => /1 of 2 replicas available/.test(message)));
  await server.setStatus(pathOfWeb("slow"), available);
  const { properties } = await creating;
  assert.equal(at(properties, "status", "availableReplicas"), 2);
});

test("a time limit ends the waiting with an error that says how far it was; the object stays", async () => {
  await assert.rejects(
    plugin.create(deployment, web("late"), { timeoutSeconds: 1 }),
    /Deployment default\/late is not ready: .*1 s.*not seen/s,
  );
  assert.equal(textAt(await server.client.get(pathOfWeb("late"), signal), "metadata", "name"), "late");
  const annotated = web("late2", { "pulumi.com/timeoutSeconds": "1" });
  await assert.rejects(plugin.create(deployment, annotated), /late2 is not ready: it took longer than its time limit/);
});

test("pulumi.com/skipAwait does not wait, pulumi.com/waitFor waits for what it names", async () => {
  await plugin.create(deployment, web("unawaited", { "pulumi.com/skipAwait": "true" }));
  const creating = plugin.create(deployment, web("custom", { "pulumi.com/waitFor": "jsonpath={.status.readyReplicas}=1" }));
  await server.setStatus(pathOfWeb("custom"), { observedGeneration: 1, replicas: 1, readyReplicas: 1 });
  await creating;
});

test("a deletion waits until finalizers have let the object go", async () => {
  const { properties } = await plugin.create(configMap, mapNamed("held", {}, { finalizers: ["example.com/hold"] }));
  const deleting = plugin.delete(configMap, properties);
  await until("it says who holds it", () => plugin.logs.some(({ message }) => /example\.com\/hold/.test(message)));
  await Promise.all([deleting, server.collect(pathOfMap("held"))]);
});

test("custom resources work as soon as their definition is established", async () => {
  const schema = { type: "object", "x-kubernetes-preserve-unknown-fields": true };
  const definition: Values = {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: "widgets.example.com" },
    spec: {
      group: "example.com",
      scope: "Namespaced",
      names: { plural: "widgets", singular: "widget", kind: "Widget", listKind: "WidgetList" },
      versions: [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema: schema } }],
    },
  };
  const widget: Values = { apiVersion: "example.com/v1", kind: "Widget", metadata: { name: "one" }, spec: { size: 3 } };
  const preview = await plugin.create("kubernetes:example.com/v1:Widget", widget, { preview: true });
  assert.deepEqual(at(preview.properties, "spec"), { size: 3 });
  const crd = await plugin.create("kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition", definition);
  const made = await plugin.create("kubernetes:example.com/v1:Widget", widget);
  assert.equal(made.id, "default/one");
  const changed = await plugin.update("kubernetes:example.com/v1:Widget", made.properties, { ...widget, spec: { size: 4 } });
  assert.deepEqual(at(changed, "spec"), { size: 4 });
  const path = "/apis/example.com/v1/namespaces/default/widgets/one";
  await Promise.all([plugin.delete("kubernetes:example.com/v1:Widget", changed), server.collect(path)]);
  const collected = server.collect("/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.example.com");
  await Promise.all([plugin.delete("kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition", crd.properties), collected]);
});

test("an unknown kind is an error that says what to do", async () => {
  const odd: Values = { apiVersion: "example.org/v1", kind: "Odd", metadata: { name: "odd" } };
  await assert.rejects(
    plugin.create("kubernetes:example.org/v1:Odd", odd, { timeoutSeconds: 60 }),
    /no kind Odd in example.org\/v1; create its/,
  );
});

test("secrets stay secret in what is returned, and out of messages", async () => {
  const inputs: Values = {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "hush" },
    stringData: { password: "hunter2hunter2" },
  };
  const { inputs: checked } = await plugin.check(secretType, inputs);
  assert.ok(isSecret(checked["stringData"]));
  const { properties } = await plugin.create(secretType, checked);
  assert.ok(isSecret(properties["data"]));
  const encoded = Buffer.from("hunter2hunter2").toString("base64");
  assert.deepEqual(plain(properties["data"] ?? null), { password: encoded });
  const read = await plugin.read(secretType, "default/hush", properties, checked);
  assert.ok(isSecret(read.properties["data"]) && isSecret(read.inputs["stringData"]));
  assert.deepEqual(plain(read.inputs), plain(checked));
  const wrong = { ...mapNamed("quoting", {}), data: { "bad key": secret("topsecretvalue") } };
  const error = await plugin.create(configMap, wrong).then(() => "", String);
  assert.match(error, /bad key/);
  assert.doesNotMatch(error, /topsecretvalue/);
});

test("previews keep what is unknown unknown, and change nothing", async () => {
  const unknownMap = mapNamed("planned", { a: unknown, b: "1" });
  const { properties } = await plugin.create(configMap, unknownMap, { preview: true });
  assert.ok(isUnknown(at(properties, "data", "a")));
  assert.ok(isUnknown(at(properties, "metadata", "uid")));
  const known = await plugin.create(configMap, mapNamed("planned", { b: "1" }), { preview: true });
  assert.ok(isUnknown(known.properties["status"]));
  await assert.rejects(server.client.get(pathOfMap("planned"), signal), /not found/);
  await assert.rejects(plugin.create(configMap, mapNamed("Bad_Name", {}), { preview: true }), /Bad_Name.*Invalid value/s);
});

test("a cluster that can't be reached: a preview goes on with a warning, an up fails, a deletion says how to let go", async () => {
  const port = await freePort();
  const other = await startPlugin(main);
  try {
    const kubeconfig = server.kubeconfig.replace(/https:\/\/127\.0\.0\.1:\d+/, `https://127.0.0.1:${port}`);
    await other.configure({ kubeconfig });
    const inputs = mapNamed("nowhere", { a: "1" });
    assert.deepEqual(at((await other.create(configMap, inputs, { preview: true })).properties, "data"), { a: "1" });
    assert.equal(other.logs.filter(({ severity, message }) => severity === 2 && /can't be reached/.test(message)).length, 1);
    await assert.rejects(other.create(configMap, inputs), /the cluster test at .* can't be reached: .*ECONNREFUSED/);
    await assert.rejects(other.delete(configMap, inputs), /PULUMI_K8S_DELETE_UNREACHABLE/);
    await other.configure({ kubeconfig, deleteUnreachable: "true" });
    await other.delete(configMap, inputs);
    await other.configure({ kubeconfig: unknown });
    await other.create(configMap, inputs, { preview: true });
  } finally {
    await other.stop();
  }
});

test("cancelling ends the waiting at once and says so", async () => {
  const other = await startPlugin(main);
  try {
    await other.configure({ kubeconfig: server.kubeconfig });
    const creating = other.create(deployment, web("cancelled"));
    const failed = assert.rejects(creating, /cancelled is not ready: the run was cancelled/);
    await until("it waits", () => other.logs.some(({ message }) => /waiting for Deployment/.test(message)));
    await other.cancel();
    await failed;
  } finally {
    await other.stop();
  }
});
