import assert from "node:assert/strict";
import { test } from "node:test";
import { checkCases, edited, problemsOf } from "../broken.ts";

checkCases([
  {
    promise: "two full backups are kept at least",
    platform: "lab",
    edit: (e) => {
      e.set("backup", { fullEveryHours: 36, keepDays: 2, sizeGib: 1 });
    },
    problems: [
      "backup.keepDays: fewer than two full backups would be kept; given 2; allowed at least 3 with a full backup every 36 hours; fix: keep them longer, or make them more often",
    ],
  },
]);

test("two full backups that are just kept are enough", () => {
  assert.deepEqual(problemsOf(edited("lab", (e) => e.set("backup", { fullEveryHours: 36, keepDays: 3, sizeGib: 1 }))), []);
});
