import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { notRun } from "../../../scripts/deploy/run-stack.ts";
import { renderResult } from "../../../scripts/deploy/up.ts";

const options = { platform: "lab", stack: ["lab-dc1"] };

describe("what ends an up", () => {
  it("does not call done what was only previewed", () => {
    const reports = [{ ...notRun("lab-dc1", ""), result: "previewed" as const }];
    const text = renderResult({ outcome: "failed", reports, reason: "the standby site goes first" }, options, 1);
    assert.match(text, /^done: none$/m);
    assert.match(text, /^previewed only: lab-dc1$/m);
    assert.match(text, /^to go on: .*npm run up -- --platform lab --stack lab-dc1$/m);
  });
});
