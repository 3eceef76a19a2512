import assert from "node:assert/strict";
import { test } from "node:test";
import { readInspection } from "../../../components/host/inspection.ts";

test("a host says who it is, which engine it runs and whether that leaves its containers running, and which of our files a hand changed", () => {
  assert.deepEqual(readInspection("m1\ne1 true\n"), { machineId: "m1", engineId: "e1", restoresLive: true, changedFiles: [] });
  assert.deepEqual(readInspection("m1\ne1 false\n/etc/a\n/etc/b\n"), {
    ...{ machineId: "m1", engineId: "e1", restoresLive: false },
    changedFiles: ["/etc/a", "/etc/b"],
  });
  // As a machine of the lab, which runs no engine of its own.
  assert.deepEqual(readInspection("m1\n\n"), { machineId: "m1", engineId: "", restoresLive: true, changedFiles: [] });
});
