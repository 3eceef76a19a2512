import assert from "node:assert/strict";
import { test } from "node:test";
import { autoname, isAutonamed } from "../../../../../scripts/toolchain/plugins/kubernetes/autoname.ts";
import { inputFailures, refuseUncovered } from "../../../../../scripts/toolchain/plugins/kubernetes/checked.ts";
import { checkConfig, configDifferences } from "../../../../../scripts/toolchain/plugins/kubernetes/config.ts";
import { objectDifferences } from "../../../../../scripts/toolchain/plugins/kubernetes/diff.ts";
import { nameOf } from "../../../../../scripts/toolchain/plugins/kubernetes/manifest.ts";
import { secret, unknown, type Value, type Values } from "../../../../../scripts/toolchain/plugins/provider/values.ts";

const immutable = { enableConfigMapMutable: false, enableSecretMutable: false };
const mutable = { enableConfigMapMutable: true, enableSecretMutable: true };

function object(apiVersion: string, kind: string, path: string, value: Value): Values {
  const [first = "", ...rest] = path.split(".");
  const nested = rest.reduceRight<Value>((inner, key) => ({ [key]: inner }), value);
  return { apiVersion, kind, metadata: { name: "x" }, [first]: nested };
}

const replaced: [string, string, string][] = [
  ["v1", "ConfigMap", "data"],
  ["v1", "ConfigMap", "binaryData"],
  ["v1", "Secret", "type"],
  ["v1", "Secret", "stringData"],
  ["storage.k8s.io/v1", "StorageClass", "parameters"],
  ["storage.k8s.io/v1", "StorageClass", "provisioner"],
  ["batch/v1", "Job", "spec.template"],
  ["batch/v1", "Job", "spec.completions"],
  ["rbac.authorization.k8s.io/v1", "RoleBinding", "roleRef"],
  ["rbac.authorization.k8s.io/v1", "ClusterRoleBinding", "roleRef"],
  ["policy/v1beta1", "PodDisruptionBudget", "spec.minAvailable"],
  ["v1", "PersistentVolume", "spec.nfs"],
  ["v1", "PersistentVolumeClaim", "spec.storageClassName"],
  ["apps/v1", "Deployment", "spec.selector.matchLabels.app"],
  ["apps/v1", "DaemonSet", "spec.selector"],
  ["apps/v1", "StatefulSet", "spec.serviceName"],
  ["v1", "Pod", "spec.nodeName"],
  ["v1", "Service", "spec.clusterIP"],
  ["v1", "ResourceQuota", "spec.scopes"],
];

for (const [apiVersion, kind, path] of replaced) {
  test(`a change of ${path} replaces a ${kind}, the old one first where the name is given`, () => {
    const diff = objectDifferences(object(apiVersion, kind, path, "a"), object(apiVersion, kind, path, "b"), immutable);
    assert.deepEqual(diff.replaces, [path]);
    assert.equal(diff.deleteBeforeReplace, true);
  });
}

const updated: [string, string, string][] = [
  ["apps/v1", "Deployment", "spec.replicas"],
  ["apps/v1", "Deployment", "spec.template"],
  ["policy/v1", "PodDisruptionBudget", "spec.minAvailable"],
  ["v1", "PersistentVolumeClaim", "spec.resources"],
  ["v1", "Service", "spec.ports"],
  ["v1", "Pod", "spec.activeDeadlineSeconds"],
  ["v1", "Namespace", "metadata.labels"],
  ["example.com/v1", "Widget", "spec.size"],
];

for (const [apiVersion, kind, path] of updated) {
  test(`a change of ${path} updates a ${kind}`, () => {
    const diff = objectDifferences(object(apiVersion, kind, path, "a"), object(apiVersion, kind, path, "b"), immutable);
    assert.deepEqual(diff.replaces, []);
    assert.deepEqual(Object.keys(diff.changed).includes(path), true);
  });
}

test("contents of ConfigMaps and Secrets are updated where the provider says so, unless the object is immutable", () => {
  for (const [kind, path] of [
    ["ConfigMap", "data"],
    ["Secret", "stringData"],
  ] as const) {
    const [before, now] = [object("v1", kind, path, { a: "1" }), object("v1", kind, path, { a: "2" })];
    assert.deepEqual(objectDifferences(before, now, mutable).replaces, []);
    assert.deepEqual(objectDifferences({ ...before, immutable: true }, now, mutable).replaces, [`${path}.a`]);
  }
});

test("a pod's image replaces it in whichever container it changes", () => {
  const pod = (image: string) => object("v1", "Pod", "spec", { containers: [{ name: "a" }, { name: "b", image }] });
  assert.deepEqual(objectDifferences(pod("1"), pod("2"), immutable).replaces, ["spec.containers[1].image"]);
});

test("another name or namespace replaces, the new object first; the namespace default needs no name", () => {
  const named = (name: string, namespace?: string): Values => ({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name, ...(namespace && { namespace }) },
  });
  const renamed = objectDifferences(named("a"), named("b"), immutable);
  assert.deepEqual([renamed.replaces, renamed.deleteBeforeReplace], [["metadata.name"], false]);
  assert.deepEqual(objectDifferences(named("a"), named("a", "other"), immutable).replaces, ["metadata.namespace"]);
  assert.deepEqual(objectDifferences(named("a"), named("a", "default"), immutable).replaces, []);
});

test("a generated name is kept in updates, is another in a replacement, and is replaced create-first", () => {
  const inputs: Values = { apiVersion: "v1", kind: "ConfigMap", data: { a: "1" } };
  const first = autoname(inputs, {}, "map", new Uint8Array([1]));
  assert.match(nameOf(first) ?? "", /^map-[0-9a-f]{8}$/);
  assert.ok(isAutonamed(first));
  assert.equal(nameOf(autoname(inputs, first, "map", new Uint8Array([2]))), nameOf(first));
  assert.notEqual(nameOf(autoname(inputs, {}, "map", new Uint8Array([2]))), nameOf(first));
  const diff = objectDifferences(first, { ...first, data: { a: "2" } }, immutable);
  assert.deepEqual([diff.replaces, diff.deleteBeforeReplace], [["data.a"], false]);
});

test("an unknown name is left unknown, a given one as it is", () => {
  for (const metadata of [{ name: unknown }, { name: "given" }, unknown]) {
    const inputs: Values = { apiVersion: "v1", kind: "ConfigMap", metadata };
    assert.deepEqual(autoname(inputs, {}, "map", new Uint8Array()), inputs);
  }
});

test("what is not covered is refused with the reason", () => {
  for (const token of ["kubernetes:yaml/v2:ConfigGroup", "kubernetes:helm.sh/v3:Release", "kubernetes:kustomize/v2:Directory"]) {
    assert.throws(() => refuseUncovered(token), /the portable plugin for kubernetes has no such resource/);
  }
  refuseUncovered("kubernetes:example.com/v1alpha1:Widget");
  const reasons = (type: string, inputs: Values) => inputFailures(type, inputs).map(({ property }) => property);
  const map: Values = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" } };
  assert.deepEqual(reasons("kubernetes:core/v1:ConfigMap", map), []);
  assert.deepEqual(reasons("kubernetes:core/v1:ConfigMapPatch", map), ["kind"]);
  assert.deepEqual(reasons("kubernetes:core/v1:ConfigMapList", { ...map, kind: "ConfigMapList", items: [] }), ["kind"]);
  assert.deepEqual(reasons("kubernetes:core/v1:ConfigMap", { ...map, metadata: { generateName: "a-" } }), [
    "metadata.generateName",
  ]);
  const annotated = (name: string, value: string) => ({ ...map, metadata: { annotations: { [name]: value } } });
  assert.deepEqual(reasons("kubernetes:core/v1:ConfigMap", annotated("pulumi.com/replaceUnready", "true")), [
    'metadata.annotations["pulumi.com/replaceUnready"]',
  ]);
  assert.deepEqual(reasons("kubernetes:core/v1:ConfigMap", annotated("pulumi.com/waitFor", "moon")), ["metadata"]);
});

test("provider options that are traps or not covered are refused, the SDK's empty ones are not", () => {
  const refused = (config: Values) => checkConfig(config).failures.map(({ property }) => property);
  assert.deepEqual(
    refused({ kubeconfig: "a", deleteUnreachable: "false", enableServerSideApply: "true", helmReleaseSettings: "{}" }),
    [],
  );
  assert.deepEqual(refused({ skipUpdateUnreachable: "true" }), ["skipUpdateUnreachable"]);
  assert.deepEqual(refused({ enableServerSideApply: "false" }), ["enableServerSideApply"]);
  assert.deepEqual(refused({ renderYamlToDirectory: "out" }), ["renderYamlToDirectory"]);
  assert.deepEqual(refused({ kubeconfg: "a" }), ["kubeconfg"]);
  assert.deepEqual(refused({ deleteUnreachable: "maybe" }), ["deleteUnreachable"]);
});

test("another cluster replaces the provider; other credentials, or the same clusterIdentifier, do not", () => {
  const kubeconfig = (server: string, token: string) =>
    secret(
      JSON.stringify({
        "current-context": "c",
        contexts: [{ name: "c", context: { cluster: "k", user: "u" } }],
        clusters: [{ name: "k", cluster: { server } }],
        users: [{ name: "u", user: { token } }],
      }),
    );
  const [here, renewed, there] = [kubeconfig("https://a", "1"), kubeconfig("https://a", "2"), kubeconfig("https://b", "1")];
  assert.deepEqual(configDifferences({ kubeconfig: here }, { kubeconfig: renewed }).replaces, []);
  assert.deepEqual(configDifferences({ kubeconfig: here }, { kubeconfig: there }).replaces, ["kubeconfig"]);
  assert.deepEqual(configDifferences({ kubeconfig: here }, { kubeconfig: unknown }).replaces, []);
  const pinned = { clusterIdentifier: "dc1" };
  assert.deepEqual(configDifferences({ kubeconfig: here, ...pinned }, { kubeconfig: there, ...pinned }).replaces, []);
  const moved = configDifferences({ kubeconfig: here, ...pinned }, { kubeconfig: there, clusterIdentifier: "dc2" });
  assert.deepEqual(moved.replaces, ["clusterIdentifier"]);
});
