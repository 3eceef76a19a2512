import assert from "node:assert/strict";
import { test } from "node:test";
import { whenEqual } from "../../../../scripts/lab/failover/contents.ts";
import { type Contents, differing } from "../../../../scripts/lab/failover/records.ts";

const held = (content: string): Contents => new Map([[1, content]]);

test("a difference that a compaction makes on its way from node to node is looked at again, one that lasts is found", async () => {
  let looks = 0;
  const passing = async () => ({ db1: held("new"), db2: held(++looks < 2 ? "old" : "new") });
  assert.deepEqual(differing(await whenEqual(passing, 60)), []);
  assert.equal(looks, 2);
  const lasting = async () => ({ db1: held("new"), db2: held("old") });
  assert.deepEqual(differing(await whenEqual(lasting, 0)), [1]);
});
