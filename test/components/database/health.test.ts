import assert from "node:assert/strict";
import { test } from "node:test";
import { allHealthy } from "../../../components/database/health.ts";
import type { Host } from "../../../components/host/host.ts";

type Answer = "healthy" | "ill" | "silent" | "unreachable";
const answers: Readonly<Record<Exclude<Answer, "unreachable">, string>> = {
  healthy: "healthy\n200",
  ill: "not synced\n503",
  silent: "000",
};

const node = (name: string, answer: Answer): Host =>
  ({
    place: { name, addresses: { storage: "192.0.2.1" } },
    ask: async () => {
      if (answer === "unreachable") throw new Error("no route");
      return answers[answer];
    },
  }) as unknown as Host;

/** What it failed with, empty where it did not, and whether it had waited for a server to be started again. */
async function settled(before: Answer, after: Answer): Promise<{ readonly failure: string; readonly hasWaited: boolean }> {
  const began = performance.now();
  const seconds = { patience: 0.1, silence: 0.05, pause: 0.005 };
  const failure = await allHealthy([node("db1", before)], [node("db3", after)], seconds).then(
    () => "",
    (error: Error) => error.message,
  );
  return { failure, hasWaited: performance.now() - began >= seconds.silence * 1000 };
}

test("healthy nodes are not waited for", async () => {
  assert.deepEqual(await settled("healthy", "healthy"), { failure: "", hasWaited: false });
});

test("one that this run has changed has to be healthy, whatever it says", async () => {
  for (const [answer, words] of [
    ["ill", "db1: not synced"],
    ["silent", "db1: its health page does not answer"],
    ["unreachable", "db1: no route"],
  ] as const) {
    const { failure } = await settled(answer, "healthy");
    assert.ok(failure.includes(`not healthy after 0.1 s, so nothing more of it is touched: ${words}.`), failure);
  }
});

test("one that this run has yet to come to does, too, but for a server that does not run and is not started again: this run may be the repair", async () => {
  assert.match((await settled("healthy", "ill")).failure, /db3: not synced/);
  assert.match((await settled("healthy", "unreachable")).failure, /db3: no route/);
  assert.deepEqual(await settled("healthy", "silent"), { failure: "", hasWaited: true });
});
