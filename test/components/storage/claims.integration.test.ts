import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import {
  controllerDeployment,
  controllerRules,
  electionRules,
  nodeDaemonSet,
} from "../../../components/storage/claims/claims-driver.render.ts";
import { claimsQuota, csiDriverOf, storageClassOf } from "../../../components/storage/claims/storage-classes.render.ts";
import { claimsVolumes, className } from "../../../environments/model/volumes.ts";
import type { Values } from "../../../scripts/toolchain/plugins/provider/values.ts";
import { type ApiServer, startApiServer } from "../../support/api-server.ts";
import { claimsDriver, claimsTopology } from "./claims-driver.ts";

// The real API server on a zone's StorageClasses and what answers their claims. No image of the driver is to be had here, so nothing of it runs.

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
