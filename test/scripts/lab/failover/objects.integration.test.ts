import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { drillNamespace, objectsOf, removeObjects, settledObjectsOf } from "../../../../scripts/lab/failover/contents.ts";
import { compareContents } from "../../../../scripts/lab/failover/records.ts";
import type { ObjectLine } from "../../../../scripts/lab/failover/session.ts";
import { startProgram } from "../../../../scripts/lab/programs.ts";
import { startApiServer } from "../../../support/api-server.ts";
import { until } from "../../../support/until.ts";

test("every object that a client was told is there is found again by its number, and taken away afterwards", async (t) => {
  const api = await startApiServer();
  t.after(() => api.stop());
  const directory = mkdtempSync(join(tmpdir(), "tandem-objects-"));
  t.after(() => rmSync(directory, { recursive: true }));
  const client = "drill-test";
  const settings = { kubeconfig: api.kubeconfig, address: "127.0.0.1", namespace: drillNamespace, client, pauseMs: 20 };
  const program = startProgram<ObjectLine>("failover/object-writer", settings, { directory, name: "objects" });
  t.after(() => program.end());
  const records = () => program.lines.flatMap((line) => ("objects" in line ? [line.objects] : []));
  const acknowledged = () => records().filter(({ outcome }) => outcome === "acknowledged");
  await until("twenty objects are acknowledged", () => acknowledged().length >= 20, 30_000);

  // No controller runs: the test is the leader, and the client sees each renewal.
  const lease = { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata: { name: "kube-controller-manager" } };
  const signal = AbortSignal.timeout(30_000);
  const body = { ...lease, spec: { holderIdentity: "dc1-platform-cp2_1", renewTime: "2026-11-21T18:00:00.000000Z" } };
  await api.client.call("/apis/coordination.k8s.io/v1/namespaces/kube-system/leases", { method: "POST", body, signal });
  await until("the leader is seen", () =>
    program.lines.some((line) => "lease" in line && line.lease.leader === "dc1-platform-cp2_1"),
  );
  await program.end();

  const compared = async () => compareContents(records(), { api: await objectsOf(api.kubeconfig, "127.0.0.1", client) });
  assert.deepEqual(await compared(), { lost: [], differing: [], unexplained: [] });
  const settled = async () => await settledObjectsOf(api.kubeconfig, "127.0.0.1", client, records(), 1);
  assert.deepEqual(compareContents(records(), { api: await settled() }).lost, []);
  await removeObjects(api.kubeconfig, "127.0.0.1", client);
  assert.equal(
    compareContents(records(), { api: await settled() }).lost.length,
    acknowledged().length,
    "what is lost stays missing",
  );
  assert.equal((await compared()).lost.length, acknowledged().length);
});
