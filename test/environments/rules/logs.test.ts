import assert from "node:assert/strict";
import { test } from "node:test";
import { checkCases, edited, problemsOf } from "../broken.ts";

checkCases([
  {
    promise: "network logs are kept for six months in production",
    platform: "reference",
    edit: (e) => {
      e.set("logs", { networkDays: 179 });
    },
    problems: [
      "logs.networkDays: network logs would be kept for less than six months in production; given 179; allowed at least 180; fix: keep them longer",
    ],
  },
]);

test("a lab keeps them as long as it likes", () => {
  assert.deepEqual(problemsOf(edited("lab", (e) => e.set("logs", { networkDays: 1 }))), []);
});
