import assert from "node:assert/strict";
import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { keepingVolumes } from "../../../components/cluster/volume-authors.render.ts";
import {
  controllerDeployment,
  controllerRules,
  electionRules,
  nodeDaemonSet,
} from "../../../components/storage/claims/claims-driver.render.ts";
import {
  claimsQuota,
  csiDriverOf,
  driverName,
  driverParts,
  storageClassOf,
} from "../../../components/storage/claims/storage-classes.render.ts";
import { type ClaimsVolume, claimsVolumes, className } from "../../../environments/model/volumes.ts";
import { ensureKubernetesBinaries } from "../../../scripts/toolchain/kubernetes-binaries.ts";
import { ApiClient } from "../../../scripts/toolchain/plugins/kubernetes/client.ts";
import { readKubeconfig } from "../../../scripts/toolchain/plugins/kubernetes/kubeconfig.ts";
import { textAt } from "../../../scripts/toolchain/plugins/kubernetes/manifest.ts";
import type { Values } from "../../../scripts/toolchain/plugins/provider/values.ts";
import { type ApiServer, startApiServer } from "../../support/api-server.ts";
import { type CsiDriver, startCsiDriver, volumeId } from "../../support/csi-driver.ts";
import { spawnOwned } from "../../support/interrupted.ts";
import { until } from "../../support/until.ts";
import { claimsDriver, claimsTopology } from "./claims-driver.ts";

// The real API server on a zone's StorageClasses and what answers their claims. No image of the driver is to be had here, so what plays it makes nothing.

let server: ApiServer;
const signal = new AbortController().signal;
const { zone } = claimsDriver;
const [volume] = claimsVolumes(claimsTopology, zone);
assert.ok(volume);

const create = (path: string, body: object) =>
  server.client.call(`${path}?fieldValidation=Strict`, { method: "POST", body: body as Values, signal });
const refusal = (path: string, body: object): Promise<string> =>
  create(path, body).then(
    () => "made",
    (error: Error) => error.message,
  );

before(async () => {
  // As the platform's own API server has it (components/control-plane/kube-apiserver.render.ts).
  server = await startApiServer(["--allow-privileged=true"]);
  for (const [name, level] of Object.entries({
    [claimsDriver.namespace]: "privileged",
    policy: "restricted",
    office: "restricted",
  }))
    await create("/api/v1/namespaces", {
      metadata: { name, labels: { "pod-security.kubernetes.io/enforce": level } },
    });
  const policy = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies";
  const name = "volumes";
  await create(policy, { metadata: { name }, spec: keepingVolumes });
  await create(policy.replace(/ies$/, "ybindings"), {
    metadata: { name },
    spec: { policyName: name, validationActions: ["Deny"] },
  });
});
after(() => server?.stop());

test("the API server takes the classes, their driver and its rights, field by field", async () => {
  await create("/apis/storage.k8s.io/v1/storageclasses", storageClassOf(claimsTopology, volume));
  await create("/apis/storage.k8s.io/v1/csidrivers", csiDriverOf(zone));
  const rights = "/apis/rbac.authorization.k8s.io/v1";
  await create(`${rights}/clusterroles`, { metadata: { name: "claims" }, rules: controllerRules });
  await create(`${rights}/namespaces/${claimsDriver.namespace}/roles`, { metadata: { name: "claims" }, rules: electionRules });
  const apps = `/apis/apps/v1/namespaces/${claimsDriver.namespace}`;
  await create(`${apps}/deployments`, { metadata: { name: "claims" }, spec: controllerDeployment(claimsDriver) });
  await create(`${apps}/daemonsets`, { metadata: { name: "mounts" }, spec: nodeDaemonSet(claimsDriver) });
});

test("the driver's pods are let into their own namespace, and into none of the zone's people", async () => {
  for (const { template } of [controllerDeployment(claimsDriver), nodeDaemonSet(claimsDriver)]) {
    const pod = { metadata: { generateName: "driver-" }, spec: template.spec };
    assert.equal(await refusal(`/api/v1/namespaces/${claimsDriver.namespace}/pods`, pod), "made");
    assert.match(
      await refusal("/api/v1/namespaces/policy/pods", pod),
      /violates PodSecurity "restricted:latest": host namespaces/,
    );
  }
});

test("a zone's applications claim up to what the volume may hold, and nobody claims of another zone's class", async () => {
  for (const namespace of ["policy", "office"]) {
    const hard = claimsQuota(claimsTopology, namespace);
    const path = `/api/v1/namespaces/${namespace}/resourcequotas`;
    await create(path, { metadata: { name: "zone" }, spec: { hard } });
    // As the controller that counts does, which does not run here.
    const used = Object.fromEntries(Object.keys(hard).map((name) => [name, "0"]));
    await server.setStatus(`${path}/zone`, { hard, used });
  }
  const claim = (namespace: string, storage: string): Promise<string> =>
    refusal(`/api/v1/namespaces/${namespace}/persistentvolumeclaims`, {
      metadata: { generateName: "files-" },
      spec: { storageClassName: className(volume), accessModes: ["ReadWriteMany"], resources: { requests: { storage } } },
    });
  assert.equal(await claim("policy", "600Gi"), "made");
  assert.match(
    await claim("policy", "600Gi"),
    /exceeded quota: zone, requested: .*requests\.storage=600Gi, used: .*=600Gi, limited: .*=1000Gi/,
  );
  assert.match(
    await claim("office", "1Gi"),
    /exceeded quota: zone, requested: .*persistentvolumeclaims=1, used: .*=0, limited: .*=0/,
  );
});

test("the provisioner, with its rights and no others, has the driver make what a claim asks for, and take away what its class deletes", async () => {
  const scratch: ClaimsVolume = { ...volume, directory: "policy/claims/scratch", reclaimPolicy: "Delete" };
  await create("/apis/storage.k8s.io/v1/storageclasses", storageClassOf(claimsTopology, scratch));
  await whileProvisioning(async (driver, said) => {
    const kept = await claimed(volume, "letters");
    const gone = await claimed(scratch, "scratch");
    const volumes = "/api/v1/persistentvolumes";
    const look = (name: string) => server.client.get(`${volumes}/${name}`, signal).catch(() => undefined);
    for (const name of [kept, gone]) await until(`${name} is there`, async () => (await look(name)) !== undefined, 60_000);
    const asked = driver.created.find(({ name }) => name === kept);
    assert.equal(asked?.bytes, 5 * 2 ** 30);
    assert.deepEqual(asked?.parameters, {
      ...storageClassOf(claimsTopology, volume).parameters,
      "csi.storage.k8s.io/pv/name": kept,
      "csi.storage.k8s.io/pvc/name": "letters",
      "csi.storage.k8s.io/pvc/namespace": "policy",
    });
    const spec = (await look(kept))?.["spec"] as Values;
    assert.deepEqual([spec["persistentVolumeReclaimPolicy"], spec["mountOptions"]], ["Retain", ["nfsvers=4.1", "hard"]]);
    // As the controller says of a volume whose claim was deleted.
    for (const name of [kept, gone]) await server.setStatus(`${volumes}/${name}`, { phase: "Released" });
    await until("what its class deletes is taken away", () => driver.deleted.length > 0, 60_000);
    assert.deepEqual(driver.deleted, [volumeId(gone)]);
    assert.doesNotMatch(said(), /forbidden/i);
  });
});

test("what answers a zone's claims writes no volume of another zone, nor one that is no driver's", async () => {
  const client = new ApiClient(readKubeconfig(server.kubeconfigWith(await token())));
  const [volumes, spec] = ["/api/v1/persistentvolumes", { accessModes: ["ReadWriteMany"], capacity: { storage: "1Gi" } }];
  const csi = (driver: string) => ({ ...spec, csi: { driver, volumeHandle: "x" } });
  const foreign = "office.nfs.tandem.internal";
  const attempt = (path: string, method: "POST" | "DELETE", body?: object): Promise<string> =>
    client.call(path, { method, signal, ...(body && { body: body as Values }) }).then(
      () => "done",
      (error: Error) => error.message,
    );
  const make = (own: object) => attempt(volumes, "POST", { metadata: { generateName: "v-" }, spec: own });
  const refused =
    /policy-storage:claims answers the claims of one zone, and writes volumes of the driver policy\.nfs\.tandem\.internal alone/;
  await until("the server keeps to the policy", async () => refused.test(await make(csi(foreign))));
  assert.equal(await make(csi(driverName(zone))), "done");
  assert.match(await make({ ...spec, hostPath: { path: "/" } }), refused);
  await create(volumes, { metadata: { name: "foreign" }, spec: csi(foreign) });
  assert.match(await attempt(`${volumes}/foreign`, "DELETE"), refused);
});

/** The name of the volume that a new claim of the zone's applications asks for. */
async function claimed({ directory }: ClaimsVolume, name: string): Promise<string> {
  const { body } = await create("/api/v1/namespaces/policy/persistentvolumeclaims", {
    // As the controller says that binds, which does not run here.
    metadata: { name, annotations: { "volume.kubernetes.io/storage-provisioner": driverName(zone) } },
    spec: {
      storageClassName: className({ directory }),
      accessModes: ["ReadWriteMany"],
      resources: { requests: { storage: "5Gi" } },
    },
  });
  return `pvc-${textAt(body, "metadata", "uid")}`;
}

/** Runs the provisioner as its container does and as its account, beside what plays the driver. */
async function whileProvisioning(work: (driver: CsiDriver, said: () => string) => Promise<void>): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "tandem-claims-"));
  const [socket, kubeconfig, log] = ["csi.sock", "kubeconfig", "log"].map((name) => join(directory, name)) as [
    string,
    string,
    string,
  ];
  const said = (): string => readFileSync(log, "utf8");
  const driver = await startCsiDriver(socket, driverName(zone));
  try {
    writeFileSync(kubeconfig, server.kubeconfigWith(await token()), { mode: 0o600 });
    const { "csi-provisioner": program } = await ensureKubernetesBinaries(["csi-provisioner"], () => {});
    const [container] = controllerDeployment(claimsDriver).template.spec.containers;
    const args = ((container?.["args"] ?? []) as string[]).map((arg) =>
      arg.replace(/^--csi-address=.*/, `--csi-address=${socket}`),
    );
    const output = openSync(log, "a");
    const stdio = ["ignore", output, output] as const;
    const provisioner = spawnOwned(program, [...args, `--kubeconfig=${kubeconfig}`], { stdio: [...stdio] });
    try {
      await work(driver, said);
    } catch (error) {
      throw new Error(said(), { cause: error });
    } finally {
      provisioner.kill("SIGKILL");
    }
  } finally {
    driver.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

let made: Promise<string> | undefined;
const token = (): Promise<string> => (made ??= makeToken());

/** Of the account that the controller's pod runs as, with the rights that it is bound to. */
async function makeToken(): Promise<string> {
  const { namespace } = claimsDriver;
  const name = driverParts.controller;
  const accounts = `/api/v1/namespaces/${namespace}/serviceaccounts`;
  await create(accounts, { metadata: { name } });
  const rights = "/apis/rbac.authorization.k8s.io/v1";
  const subjects = [{ kind: "ServiceAccount", name, namespace }];
  const binding = (kind: string) => ({
    ...{ metadata: { name }, subjects, roleRef: { apiGroup: "rbac.authorization.k8s.io", kind, name } },
  });
  await create(`${rights}/clusterrolebindings`, binding("ClusterRole"));
  await create(`${rights}/namespaces/${namespace}/rolebindings`, binding("Role"));
  return textAt((await create(`${accounts}/${name}/token`, { spec: {} })).body, "status", "token") ?? "";
}
