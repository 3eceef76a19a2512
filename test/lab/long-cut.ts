import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { keepsItsContainers, placeSample, removeSample } from "./pods.ts";

test("a node that is cut off for ten minutes keeps its containers and its pods, and comes back without starting one again", async () => {
  await placeSample();
  try {
    // The time itself is the promise.
    await keepsItsContainers(() => delay(600_000));
  } finally {
    await removeSample();
  }
});
