import assert from "node:assert/strict";
import { test } from "node:test";
import { driverName, snapshotClassOf, storageClassOf } from "../../../components/storage/claims/storage-classes.render.ts";
import { type ClaimsVolume, claimsVolumes, className } from "../../../environments/model/volumes.ts";
import { textAt } from "../../../scripts/toolchain/plugins/kubernetes/manifest.ts";
import type { Values } from "../../../scripts/toolchain/plugins/provider/values.ts";
import { volumeId } from "../../support/csi-driver.ts";
import { until } from "../../support/until.ts";
import { claimsDriver, claimsTopology } from "./claims-driver.ts";
import { create, refusal, server, signal, whileAnswering } from "./claims-session.ts";

// What answers claims and snapshots of them, each program with its rights and no others. They are built for this alone.

const { zone } = claimsDriver;
const [volume] = claimsVolumes(claimsTopology, zone);
assert.ok(volume);
const snapshotApi = "/apis/snapshot.storage.k8s.io/v1";

test("the provisioner, with its rights and no others, has the driver make what a claim asks for, and take away what its class deletes", async () => {
  await create("/apis/storage.k8s.io/v1/storageclasses", storageClassOf(claimsTopology, volume));
  const scratch: ClaimsVolume = { ...volume, directory: "policy/claims/scratch", reclaimPolicy: "Delete" };
  await create("/apis/storage.k8s.io/v1/storageclasses", storageClassOf(claimsTopology, scratch));
  await whileAnswering(async (driver, said) => {
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

test("a snapshot of a claim is made by the driver of its zone, a new claim begins with its files, and it goes where its class deletes", async () => {
  const brief: ClaimsVolume = { ...volume, directory: "policy/claims/brief", reclaimPolicy: "Delete" };
  await create("/apis/storage.k8s.io/v1/storageclasses", storageClassOf(claimsTopology, brief));
  await create(`${snapshotApi}/volumesnapshotclasses`, snapshotClassOf(brief));
  const snapshots = `${snapshotApi}/namespaces/policy/volumesnapshots`;
  const of = (source: object) => ({
    ...{ apiVersion: "snapshot.storage.k8s.io/v1", kind: "VolumeSnapshot", metadata: { name: "before" } },
    spec: { volumeSnapshotClassName: className(brief), source },
  });
  await whileAnswering(async (driver, said) => {
    const name = await claimed(brief, "ledger");
    await bound("ledger", name);
    const both = of({ persistentVolumeClaimName: "ledger", volumeSnapshotContentName: "other" });
    assert.match(await refusal(snapshots, both), /either persistentVolumeClaimName or volumeSnapshotContentName is given/);
    const { body } = await create(snapshots, of({ persistentVolumeClaimName: "ledger" }));
    const snapshot = { name: `snapshot-${textAt(body, "metadata", "uid")}`, volume: volumeId(name) };
    const status = async () => (await server.client.get(`${snapshots}/before`, signal))["status"] as Values | undefined;
    await until("the snapshot is ready", async () => (await status())?.["readyToUse"] === true, 60_000);
    assert.deepEqual(driver.snapshots, [snapshot]);

    const copy = await claimed(brief, "copy", {
      dataSource: { apiGroup: "snapshot.storage.k8s.io", kind: "VolumeSnapshot", name: "before" },
    });
    const made = () => driver.created.find((one) => one.name === copy);
    await until("a claim of the snapshot is answered", () => made() !== undefined, 60_000);
    assert.equal(made()?.snapshot, volumeId(snapshot.name));
    await bound("copy", copy);

    await server.client.call(`${snapshots}/before`, { method: "DELETE", signal });
    await until("what its class deletes is taken away", () => driver.forgotten.length > 0, 60_000);
    assert.deepEqual(driver.forgotten, [volumeId(snapshot.name)]);
    assert.doesNotMatch(said(), /forbidden/i);
  });
});

/** Plays the controller that binds a claim to its volume, once that is there. */
async function bound(claim: string, name: string): Promise<void> {
  const path = `/api/v1/namespaces/policy/persistentvolumeclaims/${claim}`;
  const volumes = "/api/v1/persistentvolumes";
  await until(
    `${name} is there`,
    () =>
      server.client.get(`${volumes}/${name}`, signal).then(
        () => true,
        () => false,
      ),
    60_000,
  );
  const body = await server.client.get(path, signal);
  await server.client.call(path, {
    method: "PUT",
    body: { ...body, spec: { ...(body["spec"] as Values), volumeName: name } },
    signal,
  });
  await server.setStatus(path, { phase: "Bound", capacity: { storage: "5Gi" }, accessModes: ["ReadWriteMany"] });
  await server.setStatus(`${volumes}/${name}`, { phase: "Bound" });
}

/** The name of the volume that a new claim of the zone's applications asks for. */
async function claimed({ directory }: ClaimsVolume, name: string, more: object = {}): Promise<string> {
  const { body } = await create("/api/v1/namespaces/policy/persistentvolumeclaims", {
    // As the controller says that binds, which does not run here.
    metadata: { name, annotations: { "volume.kubernetes.io/storage-provisioner": driverName(zone) } },
    spec: {
      storageClassName: className({ directory }),
      accessModes: ["ReadWriteMany"],
      resources: { requests: { storage: "5Gi" } },
      ...more,
    },
  });
  return `pvc-${textAt(body, "metadata", "uid")}`;
}
