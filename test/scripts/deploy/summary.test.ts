import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { EngineEvent } from "@pulumi/pulumi/automation/index.js";
import { exitCodeOf, previewDocument } from "../../../scripts/deploy/preview-document.ts";
import { notRun, type StackReport } from "../../../scripts/deploy/run-stack.ts";
import { describeChanges, EventSummary, noChanges, partsOf } from "../../../scripts/deploy/summary.ts";
import { renderFailures, renderReports, renderWarnings } from "../../../scripts/deploy/table.ts";

const urn = (name: string): string => `urn:pulumi:lab-dc1::tandem::tandem:host:Host$command:remote:Command::${name}`;

const step = (op: string, name: string, diffs: string[] = []): EngineEvent =>
  ({
    sequence: 0,
    timestamp: 0,
    resourcePreEvent: { metadata: { op, urn: urn(name), type: "", provider: "", diffs } },
  }) as EngineEvent;

const said = (severity: "warning" | "error", message: string): EngineEvent =>
  ({ sequence: 0, timestamp: 0, diagnosticEvent: { severity, message, color: "never", urn: urn("x") } }) as EngineEvent;

function report(stack: string, result: StackReport["result"], changes: Partial<StackReport["changes"]>): StackReport {
  return { ...notRun(stack, ""), result, changes: { ...noChanges, ...changes } };
}

describe("what the engine's events say", () => {
  it("counts a replacement once, however many steps it takes", () => {
    const events = new EventSummary();
    for (const op of ["create-replacement", "replace", "delete-replaced"]) events.add(step(op, "a", ["content"]));
    events.add(step("create", "b"));
    events.add(step("same", "c"));
    assert.deepEqual(events.summary.changes, { create: 1, update: 0, replace: 1, delete: 0, same: 1 });
    assert.deepEqual(events.summary.resources[0]?.properties, ["content"]);
  });

  it("keeps warnings and errors without the engine's colours, and leaves out the rest", () => {
    const events = new EventSummary();
    events.add(said("warning", "<{%fg 3%}>old key<{%reset%}>\n"));
    events.add(said("error", "   \n"));
    assert.deepEqual(events.summary.diagnostics, [{ severity: "warning", resource: "x", message: "old key" }]);
  });

  it("reads type and name from a URN, also a name with colons", () => {
    assert.deepEqual(partsOf(urn("a::b")), { type: "command:remote:Command", name: "a::b" });
  });

  it("says that nothing changes in words", () => {
    assert.equal(describeChanges(noChanges), "nothing changes");
    assert.equal(describeChanges({ ...noChanges, create: 2, delete: 1 }, "done"), "2 created, 1 deleted");
  });
});

describe("a preview's exit code", () => {
  it("is 0 with changes and 2 when none were expected", () => {
    const changed = [report("a", "done", { update: 1 })];
    assert.equal(exitCodeOf(changed, false), 0);
    assert.equal(exitCodeOf(changed, true), 2);
    assert.equal(exitCodeOf([report("a", "done", { same: 9 })], true), 0);
  });

  it("is 1 when a stack failed or was not previewed, also when no changes were expected", () => {
    assert.equal(exitCodeOf([report("a", "failed", { update: 1 })], true), 1);
    assert.equal(exitCodeOf([report("a", "not run", {})], false), 1);
  });

  it("agrees with what the document says", () => {
    const reports = [report("a", "done", { create: 3 }), report("b", "failed", {})];
    const document = previewDocument({ platform: "lab", from: "empty", reports }, 1) as {
      ok: boolean;
      changes: { create: number };
    };
    assert.equal(document.ok, false);
    assert.equal(document.changes.create, 3);
  });
});

describe("the table", () => {
  it("has a row a stack and the sum of all", () => {
    const text = renderReports([report("a", "done", { create: 3 }), report("b", "failed", { create: 4 })], 7);
    assert.match(text, /│ a +│ +3 │/);
    assert.match(text, /│ b +│ +4 │.*FAILED/);
    assert.match(text, /│ in all +│ +7 │.*7\.0/);
  });

  it("says each warning once with its stacks, and each failure with the engine's words", () => {
    const warned = (stack: string): StackReport => ({
      ...report(stack, "done", {}),
      diagnostics: [{ severity: "warning", resource: "", message: "late" }],
    });
    assert.equal(renderWarnings([warned("a"), warned("b")]), "warning (a, b): late");
    const failed = {
      ...report("c", "failed", {}),
      diagnostics: [{ severity: "error" as const, resource: "db1", message: "no route\nto host" }],
    };
    assert.equal(renderFailures([failed]), "c failed:\n  db1: no route\n  to host");
  });
});
