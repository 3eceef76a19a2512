import assert from "node:assert/strict";
import { test } from "node:test";
import { editEnvironment } from "../environment.ts";
import { npm, npmSucceeds, said } from "../session.ts";
import { oneAtATime } from "./one-at-a-time.ts";
import { wellAgain, withClients, withCore } from "./session.ts";

test("new certificates come with an ordinary up, one node after the other, and no acknowledged write is lost", async () => {
  editEnvironment(/lifetimeDays: 365,/, "lifetimeDays: 364,");
  await withCore("dc2", (core) =>
    oneAtATime(core, "renewal", async () => {
      await npmSucceeds("up", "--platform", "lab", "--stack", "lab-trust", "--stack", "lab-dc2");
    }),
  );
  await npmSucceeds("up", "--platform", "lab");
});

test("the authority is rotated in three steps under clients that write, and a step that not every core has taken up is refused", async () => {
  const step = (from: string, to: string): (() => void) => editEnvironment(`authorities: [${from}]`, `authorities: [${to}]`);
  step("a1", "a1, a2");
  await npmSucceeds("up", "--platform", "lab", "--stack", "lab-trust", "--stack", "lab-dc2-platform", "--stack", "lab-dc2");
  const back = step("a1, a2", "a2, a1");
  const early = await npm("up", ["--platform", "lab", "--stack", "lab-trust"]);
  assert.equal(early.code, 1, said(early));
  assert.match(said(early), /the step before this one has not reached .*lab-dc1[,;]/);
  back();
  await npmSucceeds("up", "--platform", "lab");
  for (const [from, to] of [
    ["a1, a2", "a2, a1"],
    ["a2, a1", "a2"],
  ] as const) {
    step(from, to);
    // The clients believe what hosts believe when they start, and show what they were given then.
    await withCore("dc2", (core) =>
      withClients(core, `rotation-${to.replace(", ", "-")}`, async () => {
        await npmSucceeds("up", "--platform", "lab");
        await wellAgain(core);
      }),
    );
  }
});
