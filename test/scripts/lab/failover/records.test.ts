import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  type Contents,
  compareContents,
  differing,
  median,
  type Outcome,
  observedOutage,
  revisionGaps,
  type Written,
  writerChanges,
} from "../../../../scripts/lab/failover/records.ts";

const write = (at: number, outcome: Outcome = "acknowledged"): Written => ({ sequence: at, at, outcome });
/** A success each 20 ms from 0 on, but not after `from` and before `to`. */
const steady = (from: number, to: number, end = 10_000): Written[] =>
  Array.from({ length: end / 20 + 1 }, (_, index) => index * 20)
    .filter((at) => at <= from || at >= to)
    .map((at) => write(at));

test("the outage is the longest time without a success, less the client's usual interval", () => {
  assert.deepEqual(observedOutage(steady(5000, 6500), 5010, 10_000), { seconds: 1.48, began: -0.01 });
  assert.deepEqual(observedOutage(steady(10_000, 10_000), 5000, 10_000), { seconds: 0, began: 0 });
});

test("failed and unknown writes do not end an outage", () => {
  const records = [...steady(5000, 7000), write(5500, "failed"), write(6000, "unknown")];
  assert.equal(observedOutage(records, 5000, 10_000)?.seconds, 1.98);
});

test("an outage that has not ended lasts until the end, and one before the failure does not count", () => {
  assert.equal(observedOutage(steady(5000, 99_999), 5000, 10_000)?.seconds, 4.98);
  assert.equal(observedOutage(steady(1000, 3000), 5000, 10_000)?.seconds, 0);
});

test("an outage that comes later than the failure counts, and it is said when", () => {
  assert.deepEqual(observedOutage(steady(8000, 9020), 5000, 10_000), { seconds: 1, began: 3 });
});

test("a client that wrote nothing before the failure is not judged", () => {
  assert.equal(observedOutage([write(6000), write(6020)], 5000, 10_000), undefined);
  assert.equal(observedOutage([], 5000, 10_000), undefined);
});

test("however long a client is without success, that is what is observed", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 200 }), (steps) => {
      const outage = observedOutage(steady(5000, 5000 + 20 * steps), 5000, 10_000);
      assert.equal(Math.round((outage?.seconds ?? -1) * 1000), 20 * steps - 20);
    }),
  );
});

/** What a store holds of these numbers. */
const held = (...numbers: readonly number[]): Contents => new Map(numbers.map((number) => [number, `content ${number}`]));

test("an acknowledged write that one store does not have is lost, and the stores differ", () => {
  const records = [write(1), write(2), write(3, "unknown"), write(4, "failed")];
  assert.deepEqual(compareContents(records, { db1: held(1, 2, 3), db2: held(1, 2, 3) }), {
    lost: [],
    differing: [],
    unexplained: [],
  });
  assert.deepEqual(compareContents(records, { db1: held(1, 2), db2: held(1) }), {
    lost: [2],
    differing: [2],
    unexplained: [],
  });
  assert.deepEqual(compareContents(records, { db1: held(1), db2: held(1) }).lost, [2]);
});

test("stores differ where one misses a number or has another content, and in nothing else", () => {
  const [db1, db2] = [held(1, 2, 3), held(1, 2, 3)];
  assert.deepEqual(differing({ db1, db2 }), []);
  assert.deepEqual(differing({ db1, db2, db3: held(1, 3, 4) }), [2, 4]);
  const db3 = new Map([...db1, [2, "another content"]]);
  assert.deepEqual(differing({ db1, db2, db3 }), [2]);
  assert.deepEqual(compareContents([write(1), write(2), write(3)], { db1, db3 }), { lost: [], differing: [2], unexplained: [] });
});

test("a write of unknown outcome may be there or not; one that failed, or was never made, must not be there", () => {
  const records = [write(1), write(3, "unknown"), write(4, "failed")];
  assert.deepEqual(compareContents(records, { db1: held(1) }), { lost: [], differing: [], unexplained: [] });
  assert.deepEqual(compareContents(records, { db1: held(1, 4, 9) }).unexplained, [4, 9]);
});

test("a writer that is away and comes back did not change; each move counts", () => {
  assert.equal(writerChanges([["db1"], [], ["db1"]]), 0);
  assert.equal(writerChanges([["db1"], [], ["db2"], ["db2"], ["db1", "db2"], ["db1"]]), 2);
  assert.equal(writerChanges([]), 0);
});

test("revisions that are missing and rows that kine filled in are found", () => {
  const row = (id: number, filled = false) => ({ id, filled });
  assert.deepEqual(revisionGaps([row(11), row(12), row(13)], 10), { holes: 0, filled: 0 });
  assert.deepEqual(revisionGaps([row(11), row(14)], 10), { holes: 2, filled: 0 });
  assert.deepEqual(revisionGaps([row(11), row(12, true), row(13)], 10), { holes: 0, filled: 1 });
  assert.deepEqual(revisionGaps([], 10), { holes: 0, filled: 0 });
});

test("the middle of an even number of runs is the lower one", () => {
  assert.equal(median([3, 1, 2]), 2);
  assert.equal(median([4, 1, 3, 2]), 2);
  assert.equal(median([]), undefined);
});
