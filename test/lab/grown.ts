import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { at } from "../support/api-call.ts";
import { until } from "../support/until.ts";
import { kubectl } from "./kubectl.ts";
import { apply, asked, hasReady, inPod, namespace, podWithFiles } from "./pods.ts";
import { npmSucceeds, own } from "./session.ts";

test("a volume that grows is the same one, larger, and a pod that writes to it goes on", async () => {
  const [pod, path] = ["grown", "/files/grown"];
  const file = join(own.checkout, "environments", "lab.yaml");
  const original = readFileSync(file, "utf8");
  const grown = original.replace(/(samples\/shared: \{ sizeGib: )1/, "$12");
  assert.notEqual(grown, original);
  const update = () => npmSucceeds("up", "--platform", "lab", "--stack", "lab-dc1-services", "--stack", "lab-dc2-services");
  const volume = async (): Promise<unknown[]> => {
    const object = await asked("get", "persistentvolume", "platform.samples.shared");
    return [at(object, "metadata", "uid"), at(object, "spec", "capacity", "storage"), at(object, "status", "phase")];
  };
  const append = async (): Promise<void> => {
    const { ok, text } = await inPod(namespace, pod, "append", path);
    assert.ok(ok, text);
  };
  const [uid, ...before] = await volume();
  assert.deepEqual(before, ["1Gi", "Bound"]);
  const { code, stderr } = await apply(podWithFiles(pod));
  assert.equal(code, 0, stderr);
  const podIs = () => asked("get", "pod", pod, `--namespace=${namespace}`);
  try {
    await until(`${pod} is ready`, async () => hasReady(await podIs()), 90_000);
    const started = at(await podIs(), "status", "containerStatuses");
    await append();
    writeFileSync(file, grown);
    await update();
    assert.deepEqual(await volume(), [uid, "2Gi", "Bound"]);
    await append();
    assert.deepEqual(at(await podIs(), "status", "containerStatuses"), started);
    assert.equal((await inPod(namespace, pod, "read", path)).text, `${pod}\n${pod}`);
  } finally {
    await kubectl("delete", "pod", `--namespace=${namespace}`, "--ignore-not-found", "--now", pod);
    writeFileSync(file, original);
    await update();
  }
});
