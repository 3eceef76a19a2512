import assert from "node:assert/strict";
import { test } from "node:test";
import { outageOf, outageSeconds } from "../../../environments/model/outages.ts";
import { labTopology } from "../../../scripts/lab/machines.ts";
import { at, type Json } from "../../support/api-call.ts";
import { until } from "../../support/until.ts";
import { kubectl } from "../kubectl.ts";
import { hasReady, namespace, placeSample, pods, removeSample } from "../pods.ts";
import { lab, npm, npmSucceeds } from "../session.ts";
import { ownTimings } from "./environment.ts";

test("a dead node's pods run on the zone's other node within the predicted time", async (t) => {
  const predicted = outageSeconds(outageOf("node-silent", { ...labTopology(lab).timings, ...ownTimings }), "pods");
  const nodeOf = (pod: Json): string => String(at(pod, "spec", "nodeName"));
  await placeSample();
  const [dead = ""] = (await pods()).map(nodeOf);
  try {
    await npmSucceeds("lab", "power-off", dead);
    const began = performance.now();
    const serving = async (): Promise<number> => (await pods()).filter((pod) => hasReady(pod) && nodeOf(pod) !== dead).length;
    try {
      await until("two pods serve elsewhere", async () => (await serving()) === 2, predicted * 1_200);
    } catch (error) {
      const [nodes, sample] = await Promise.all([
        kubectl("describe", "nodes"),
        kubectl("describe", "--namespace", namespace, "pods"),
      ]);
      throw new Error([nodes, sample, (error as Error).message].join("\n"));
    }
    const seconds = (performance.now() - began) / 1000;
    t.diagnostic(`predicted ${predicted} s, observed ${seconds.toFixed(1)} s`);
    assert.ok(predicted < 3 * seconds, `predicted ${predicted} s, observed ${seconds.toFixed(1)} s`);
  } finally {
    await npmSucceeds("lab", "power-on", dead);
    await removeSample();
  }
  await until("all hosts are well", async () => (await npm("lab", ["status"])).code === 0, 120_000);
});
