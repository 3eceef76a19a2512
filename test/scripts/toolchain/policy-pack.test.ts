import assert from "node:assert/strict";
import { test } from "node:test";
import { withStartedPack } from "../../../scripts/toolchain/policy-pack.ts";

test("the folder of our own policies stands for the file that starts them, and nothing else does", () => {
  const started = "/checkout/policies/start.mjs";
  const args = (...given: string[]): string[] => withStartedPack(given, "/checkout");
  assert.deepEqual(args("preview", "--policy-pack", "policies", "--diff"), ["preview", "--policy-pack", started, "--diff"]);
  assert.deepEqual(args("up", "--policy-pack=./policies/"), ["up", `--policy-pack=${started}`]);
  assert.deepEqual(args("up", "--policy-pack", "/checkout/policies"), ["up", "--policy-pack", started]);
  const others = ["up", "--policy-pack", "/elsewhere/policies", "--policy-pack-config", "policies", "policies"];
  assert.deepEqual(args(...others), others);
});
