import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { runInOrder } from "../../../scripts/deploy/schedule.ts";

const stacks = [
  { name: "a", after: [] },
  { name: "b", after: ["a"] },
  { name: "c", after: ["b"] },
  { name: "d", after: [] },
];

describe("running stacks", () => {
  it("starts a stack when all that it waits for is done, and no earlier", async () => {
    const done: string[] = [];
    await runInOrder(stacks, { jobs: 4 }, async (name) => {
      for (const before of stacks.find((stack) => stack.name === name)?.after ?? []) assert.ok(done.includes(before));
      await Promise.resolve();
      done.push(name);
    });
    assert.deepEqual([...done].sort(), ["a", "b", "c", "d"]);
  });

  it("never runs more at once than it was told", async () => {
    let running = 0;
    let most = 0;
    const many = Array.from({ length: 9 }, (_, index) => ({ name: `s${index}`, after: [] }));
    await runInOrder(many, { jobs: 3 }, async () => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
    });
    assert.equal(most, 3);
  });

  it("leaves out what waits for a failure, naming the failure at the root", async () => {
    const outcomes = await runInOrder(stacks, { jobs: 1 }, async (name) => {
      if (name === "a") throw new Error("broken");
    });
    assert.equal(outcomes.get("a")?.state, "failed");
    assert.deepEqual(outcomes.get("c"), { state: "not run", because: "a failed" });
    assert.equal(outcomes.get("d")?.state, "done");
  });

  it("starts nothing new after a failure when it is to stop there", async () => {
    const outcomes = await runInOrder(stacks, { jobs: 1, stopAtFailure: true }, async () => {
      throw new Error("broken");
    });
    assert.deepEqual(outcomes.get("d"), { state: "not run", because: "a failed" });
  });

  it("starts nothing new once it is interrupted, and waits for what runs", async () => {
    const controller = new AbortController();
    let ended = false;
    const outcomes = await runInOrder(stacks, { jobs: 1, signal: controller.signal }, async () => {
      controller.abort();
      await new Promise((resolve) => setImmediate(resolve));
      ended = true;
    });
    assert.ok(ended);
    assert.deepEqual(outcomes.get("b"), { state: "not run", because: "interrupted" });
  });
});
