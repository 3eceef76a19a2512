import assert from "node:assert/strict";
import { test } from "node:test";
import { allHealthy, othersHealthy } from "../../../components/database/health.ts";
import type { Host } from "../../../components/host/host.ts";

type Answer = "healthy" | "ill" | "down" | "hung" | "unreachable";
/** What curl prints, and the code that it ends with. */
const answers: Readonly<Record<Exclude<Answer, "unreachable">, string>> = {
  healthy: "healthy\n200 0\n",
  ill: "not synced\n503 0\n",
  down: "000 7\n",
  hung: "000 28\n",
};

/** Answers in turn; the last one from then on. */
const node = (name: string, turns: readonly Answer[], onAsked: () => void): Host => {
  let asked = 0;
  return {
    place: { name, addresses: { storage: "192.0.2.1" } },
    ask: async () => {
      onAsked();
      const answer = turns[Math.min(asked++, turns.length - 1)] as Answer;
      if (answer === "unreachable") throw new Error("no route");
      return answers[answer];
    },
  } as unknown as Host;
};

/** What it failed with, empty where it did not, and whether it had waited for a server to be started again. */
async function settled(
  before: Answer,
  ...after: readonly Answer[]
): Promise<{ readonly failure: string; readonly hasWaited: boolean }> {
  let asked = 0;
  const ask = (): void => {
    asked++;
  };
  const seconds = { patience: 0.1, down: 0.05, pause: 0.005 };
  const failure = await allHealthy([node("db1", [before], () => {})], [node("db3", after, ask)], seconds).then(
    () => "",
    (error: Error) => error.message,
  );
  return { failure, hasWaited: asked > 1 };
}

test("healthy nodes are not waited for", async () => {
  assert.deepEqual(await settled("healthy", "healthy"), { failure: "", hasWaited: false });
});

test("one that this run has changed has to be healthy, whatever it says", async () => {
  for (const [answer, words] of [
    ["ill", "db1: not synced"],
    ["down", "db1: its health page does not answer"],
    ["unreachable", "db1: no route"],
  ] as const) {
    const { failure } = await settled(answer, "healthy");
    assert.ok(failure.includes(`not healthy after 0.1 s, so nothing more of it is touched: ${words}.`), failure);
  }
});

test("one that this run has yet to come to does, too, but for a server that does not run and is not started again: this run may be the repair", async () => {
  assert.match((await settled("healthy", "ill")).failure, /db3: not synced/);
  assert.match((await settled("healthy", "unreachable")).failure, /db3: no route/);
  assert.match((await settled("healthy", "hung")).failure, /db3: its health page does not answer/);
  assert.deepEqual(await settled("healthy", "down"), { failure: "", hasWaited: true });
});

test("a server that is started again or hangs is waited for, however often it is down in between", async () => {
  for (const [answer, words] of [
    ["ill", /db3: (not synced|its health page does not answer)/],
    ["hung", /db3: its health page does not answer/],
    ["unreachable", /db3: (no route|its health page does not answer)/],
  ] as const) {
    const turns = Array.from({ length: 50 }, (_, turn) => (turn % 2 === 0 ? answer : "down"));
    assert.match((await settled("healthy", ...turns)).failure, words);
  }
});

/** What the turn of a node failed with, by what each of the nodes answers; empty where it may be touched. */
async function turnOf(turn: number, isMade: boolean, ...answers: readonly Answer[]): Promise<string> {
  const nodes = answers.map((answer, index) => node(`db${index + 1}`, [answer], () => {}));
  const seconds = { patience: 0.1, down: 0.05, pause: 0.005 };
  return await othersHealthy(nodes, nodes[turn - 1] as Host, isMade, seconds).then(
    () => "",
    (error: Error) => error.message,
  );
}

test("the first node is not touched while another one is ill, unless it does not serve itself", async () => {
  assert.match(await turnOf(1, true, "healthy", "ill", "healthy"), /: db2: not synced\./);
  assert.equal(await turnOf(1, true, "healthy", "down", "healthy"), "");
  for (const answer of ["ill", "down", "hung", "unreachable"] as const)
    assert.equal(await turnOf(1, true, answer, "ill", "healthy"), "", answer);
});

test("while the cluster is made nobody is waited for, and from the first node that serves on as ever, though nothing was recorded", async () => {
  assert.equal(await turnOf(2, false, "ill", "down", "down"), "");
  assert.equal(await turnOf(3, false, "ill", "ill", "down"), "");
  assert.match(await turnOf(2, false, "ill", "healthy", "healthy"), /: db1: not synced\./);
  assert.match(await turnOf(3, false, "healthy", "ill", "healthy"), /: db2: not synced\./);
});
