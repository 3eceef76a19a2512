import assert from "node:assert/strict";
import { test } from "node:test";
import { controllerDeployment, nodeDaemonSet } from "../../../components/storage/claims/claims-driver.render.ts";
import { snapshotControllerDeployment } from "../../../components/storage/claims/snapshot-controller.render.ts";
import {
  claimsQuota,
  csiDriverOf,
  driverName,
  snapshotClassOf,
  storageClassOf,
} from "../../../components/storage/claims/storage-classes.render.ts";
import { claimsVolumes, className } from "../../../environments/model/volumes.ts";
import { textAt } from "../../../scripts/toolchain/plugins/kubernetes/manifest.ts";
import type { Values } from "../../../scripts/toolchain/plugins/provider/values.ts";
import { until } from "../../support/until.ts";
import { claimsDriver, claimsTopology } from "./claims-driver.ts";
import { answering, create, refusal, server, signal } from "./claims-session.ts";

const { zone } = claimsDriver;
const [volume] = claimsVolumes(claimsTopology, zone);
assert.ok(volume);

test("the API server takes the classes, their driver and its rights, field by field", async () => {
  await create("/apis/storage.k8s.io/v1/storageclasses", storageClassOf(claimsTopology, volume));
  await create("/apis/storage.k8s.io/v1/csidrivers", csiDriverOf(zone));
  await create("/apis/snapshot.storage.k8s.io/v1/volumesnapshotclasses", snapshotClassOf(volume));
  const apps = `/apis/apps/v1/namespaces/${claimsDriver.namespace}`;
  await create(`${apps}/deployments`, { metadata: { name: "claims" }, spec: controllerDeployment(claimsDriver) });
  await create(`${apps}/daemonsets`, { metadata: { name: "mounts" }, spec: nodeDaemonSet(claimsDriver) });
});

test("the driver's pods are let into their own namespace, and into none of the zone's people; what answers for snapshots needs no such right", async () => {
  for (const { template } of [controllerDeployment(claimsDriver), nodeDaemonSet(claimsDriver)]) {
    const pod = { metadata: { generateName: "driver-" }, spec: template.spec };
    assert.equal(await refusal(`/api/v1/namespaces/${claimsDriver.namespace}/pods`, pod), "made");
    assert.match(
      await refusal("/api/v1/namespaces/policy/pods", pod),
      /violates PodSecurity "restricted:latest": host namespaces/,
    );
  }
  const { spec } = snapshotControllerDeployment(zone, "platform-system", "registry.example.com/snapshot-controller:1").template;
  const pod = { metadata: { name: "snapshots" }, spec: { ...spec, serviceAccountName: undefined } };
  assert.equal(await refusal("/api/v1/namespaces/platform-system/pods", pod), "made");
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

test("what answers a zone's claims writes no volume of another zone, nor one that is no driver's", async () => {
  const client = await answering();
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
    /policy-storage:claims answers the claims of one zone, and writes volumes and snapshots of the driver policy\.nfs\.tandem\.internal alone/;
  await until("the server keeps to the policy", async () => refused.test(await make(csi(foreign))));
  assert.equal(await make(csi(driverName(zone))), "done");
  assert.match(await make({ ...spec, hostPath: { path: "/" } }), refused);
  await create(volumes, { metadata: { name: "foreign" }, spec: csi(foreign) });
  assert.match(await attempt(`${volumes}/foreign`, "DELETE"), refused);
});

test("what answers a zone's claims writes no content of another zone's snapshot", async () => {
  const client = await answering();
  const contents = `${snapshotApi}/volumesnapshotcontents`;
  const content = (driver: string) => ({
    ...{ apiVersion: "snapshot.storage.k8s.io/v1", kind: "VolumeSnapshotContent", metadata: { generateName: "content-" } },
    spec: {
      ...{ deletionPolicy: "Retain", driver, source: { snapshotHandle: "x" } },
      volumeSnapshotRef: { namespace: "policy", name: "any" },
    },
  });
  const changed = async (driver: string): Promise<string> => {
    const { body } = await create(contents, content(driver));
    const path = `${contents}/${textAt(body, "metadata", "name")}`;
    return client
      .call(path, { method: "PUT", body: { ...body, spec: { ...(body["spec"] as Values), deletionPolicy: "Delete" } }, signal })
      .then(
        () => "done",
        (error: Error) => error.message,
      );
  };
  assert.equal(await changed(driverName(zone)), "done");
  assert.match(
    await changed("office.nfs.tandem.internal"),
    /writes volumes and snapshots of the driver policy\.nfs\.tandem\.internal alone/,
  );
});

const snapshotApi = "/apis/snapshot.storage.k8s.io/v1";
