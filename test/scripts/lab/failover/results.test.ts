import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { outageOf } from "../../../../environments/model/outages.ts";
import { timingsOf } from "../../../../environments/model/timings.ts";
import { cases } from "../../../../scripts/lab/failover/cases.ts";
import { renderDrill, renderMarkdown } from "../../../../scripts/lab/failover/report.ts";
import { type CaseResult, type ClientResult, loose, missed, type Run } from "../../../../scripts/lab/failover/results.ts";
import { matchesGolden } from "../../../support/golden.ts";

const client: ClientResult = { observed: 1.8, acknowledged: 900, unknown: 1, failed: 0, lost: 0, differing: 0, unexplained: 0 };
const good: Run = {
  clients: {
    rows: client,
    objects: { ...client, observed: 2.5, acknowledged: 200 },
  },
  writerChanges: 1,
  twoWriters: 0,
  revisions: { holes: 0, filled: 0 },
  healedSeconds: 7,
  remains: [],
};

function result(name: string, ...runs: readonly Run[]): CaseResult {
  const one = cases.find((each) => each.name === name);
  assert.ok(one);
  return { case: one, outage: one.failure && outageOf(one.failure, timingsOf("fast")), runs };
}

const killed = (run: Partial<Run>, rows: Partial<ClientResult> = {}): string[] =>
  missed(
    result("kill-writer", { ...good, ...run, clients: { ...good.clients, rows: { ...client, ...rows }, ...run.clients } }),
    "fast",
  );

test("a case that stays within its prediction, loses nothing and heals keeps its promises", () => {
  assert.deepEqual(killed({}), []);
});

test("each promise that is not kept is said in words", () => {
  assert.deepEqual(killed({}, { observed: 3.6 }), [
    "rows: 3.6 s observed, above 1.2 × the 2.5 s predicted",
    "rows: 3.6 s observed, above the goal of 2 s",
  ]);
  assert.deepEqual(killed({}, { observed: 2.4 }), ["rows: 2.4 s observed, above the goal of 2 s"]);
  assert.deepEqual(killed({}, { lost: 2 }), ["rows: 2 acknowledged writes are lost"]);
  assert.deepEqual(killed({}, { lost: undefined }), ["rows: the contents could not be compared"]);
  assert.deepEqual(killed({}, { differing: 1 }), ["the database nodes' contents differ"]);
  assert.deepEqual(killed({}, { unexplained: 1 }), ["there are writes that their client was told had failed"]);
  assert.deepEqual(killed({ clients: { ...good.clients, streams: { ...client, observed: 0.4, failed: 1 } } }), [
    "streams: the established connection was lost 1 times",
  ]);
  assert.deepEqual(killed({}, { observed: undefined }), ["rows: not measured, the client wrote nothing before the case"]);
  assert.deepEqual(killed({ twoWriters: 1 }), ["two nodes said at once that they are the writer"]);
  assert.deepEqual(killed({ revisions: undefined }), ["kine's revisions could not be read"]);
  assert.deepEqual(killed({ revisions: { holes: 0, filled: 3 } }), [
    "kine's revisions have 3 holes and fill rows, more than the 1 that cut off writes may leave",
  ]);
  assert.deepEqual(killed({ writerChanges: 0, revisions: { holes: 3, filled: 3 } }), []);
  assert.deepEqual(killed({ writerChanges: 0, revisions: { holes: 4, filled: 3 } }), [
    "kine's revisions have 7 holes and fill rows, more than the 6 that cut off writes may leave",
  ]);
  assert.deepEqual(killed({ healedSeconds: undefined, remains: ["db1: down", "VIP database: held by no balancer"] }), [
    "did not heal: db1: down; VIP database: held by no balancer",
  ]);
});

test("goals are those of mode fast; loss and healing are promised in every mode, and after all database hosts lost their power", () => {
  const slow = { ...good, clients: { ...good.clients, rows: { ...client, observed: 2.4 } } };
  assert.deepEqual(missed(result("kill-writer", slow), "norm"), []);
  const lost = { ...good, clients: { ...good.clients, rows: { ...client, observed: 60, lost: 1 } } };
  assert.deepEqual(missed(result("power-all-databases", lost), "fast"), ["rows: 1 acknowledged writes are lost"]);
});

test("where no outage is predicted, a gap counts that is longer than the machine's own pauses", () => {
  const observed = (seconds: number): Run => ({ ...good, clients: { rows: { ...client, observed: seconds } } });
  assert.deepEqual(missed(result("cut-writer-management", observed(0.4)), "fast"), []);
  assert.deepEqual(missed(result("cut-writer-management", observed(0.7)), "fast"), [
    "rows: 0.7 s observed, above 1.2 × the 0 s predicted",
  ]);
});

test("of several runs the worst must keep the promise, and the middle tells whether the prediction is loose", () => {
  const run = (seconds: number): Run => ({ ...good, clients: { rows: { ...client, observed: seconds } } });
  assert.equal(missed(result("kill-writer", run(1), run(1), run(3.6)), "norm").length, 1);
  assert.deepEqual(loose(result("kill-writer", run(0.6), run(0.7), run(3))), [
    "rows: the prediction of 2.5 s is above 3 × what was seen",
  ]);
  assert.deepEqual(loose(result("kill-writer", run(1), run(1), run(3))), []);
});

test("the table and the file say what was seen, what was promised, and what is not drilled", () => {
  const bad = { ...good, healedSeconds: undefined, remains: ["dc1-platform-db2: its health page says 503 not synced: Donor"] };
  const drill = {
    site: "dc1",
    availability: "fast" as const,
    startedAt: "2026-11-21T18:00:00.000Z",
    digest: "0123456789abcdef",
    results: [result("kill-writer", good, good, good), result("cut-writer-management", good), result("power-all-databases", bad)],
  };
  const golden = (name: string) => join(import.meta.dirname, "golden", name);
  matchesGolden(`${renderDrill(drill)}\n`, golden("drill.txt"));
  matchesGolden(renderMarkdown(drill), golden("drill.md"));
});
