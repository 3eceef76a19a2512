import assert from "node:assert/strict";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { loadEnvironment } from "../../../environments/model/load.ts";
import { topologyOf } from "../../../environments/model/topology-of.ts";
import { checkout } from "../../../scripts/console/directories.ts";
import { approvalOf, digestOf, readApproval, sourceProblems } from "../../../scripts/deploy/approval.ts";
import { notApproved } from "../../../scripts/deploy/approved-steps.ts";
import { runStacks } from "../../../scripts/deploy/run-stacks.ts";
import type { Step } from "../../../scripts/deploy/steps.ts";
import type { Project } from "../../../scripts/deploy/workspace.ts";

const directory = mkdtempSync(join(tmpdir(), "tandem-test-approval-"));
after(() => rmSync(directory, { recursive: true, force: true }));

const topology = topologyOf(loadEnvironment("reference"));
const type = "docker:index/container:Container";

const step = (name: string, more: Partial<Step> = {}): Step => ({
  ...{ op: "update", type, name, urn: `urn:pulumi:reference-dc1::tandem::${type}::${name}` },
  ...{ isProtected: false, paths: ["image"], replacing: [], before: {}, after: {}, ...more },
});

const stack = "reference-dc1";
const approved = (...steps: readonly Step[]) => approvalOf(topology, checkout, [{ stack, steps }]);

/** A copy of what decides a program's digest, at another place. */
function copyOf(name: string): string {
  const root = join(directory, name);
  for (const part of ["Pulumi.yaml", "package-lock.json", "components", "environments", "policies", "stacks"])
    cpSync(join(checkout, part), join(root, part), { recursive: true });
  return root;
}

describe("a digest of what is approved", () => {
  it("is the same at another place, whatever keys and pinned hosts lie there", () => {
    const root = copyOf("same");
    writeFileSync(join(root, "environments", "known_hosts.reference"), "pinned\n");
    mkdirSync(join(root, "stacks", "config"), { recursive: true });
    writeFileSync(join(root, "stacks", "config", "Pulumi.reference-dc1.yaml"), "encryptionsalt: x\n");
    assert.equal(digestOf(approvalOf(topology, root, [{ stack, steps: [step("a")] }])), digestOf(approved(step("a"))));
  });

  it("is another one for other steps, another environment, another program", () => {
    const root = copyOf("other");
    writeFileSync(join(root, "stacks", "zone.ts"), "// other\n");
    const other = topologyOf({ ...loadEnvironment("reference"), availability: "fast" });
    const digests = [
      approved(step("a")),
      approved(step("b")),
      approved(step("a", { op: "replace" })),
      approved(step("a", { paths: ["image", "labels"] })),
      approved(step("a", { replacing: ["image"] })),
      approvalOf(topology, checkout, [{ stack: "reference-dc2", steps: [step("a")] }]),
      approvalOf(other, checkout, [{ stack, steps: [step("a")] }]),
      approvalOf(topology, root, [{ stack, steps: [step("a")] }]),
    ].map(digestOf);
    assert.equal(new Set(digests).size, digests.length);
  });

  it("is read with the page, and not where the page is another one's", () => {
    const approval = approved(step("a"));
    const page = join(directory, "page.json");
    writeFileSync(page, JSON.stringify({ verdict: "safe", approval }));
    assert.deepEqual(readApproval(digestOf(approval), page), approval);
    assert.throws(() => readApproval("0".repeat(32), page), /has the digest [0-9a-f]{32}\. Nothing was changed\.$/);
    writeFileSync(page, JSON.stringify({ verdict: "dangerous" }));
    assert.throws(() => readApproval(digestOf(approval), page), /the page of a change that nobody can approve/);
    writeFileSync(page, "{");
    assert.throws(() => readApproval(digestOf(approval), page), /can't be read: .*Nothing was changed/);
    assert.throws(() => readApproval(digestOf(approval), join(directory, "none")), /there is no such file/);
    assert.throws(
      () => readApproval("1".repeat(32)),
      /no review on this machine had this digest\. Name what the review wrote: --page/,
    );
  });
});

describe("what is approved", () => {
  it("is of the checkout that it was reviewed in", () => {
    const root = copyOf("edited");
    writeFileSync(join(root, "stacks", "zone.ts"), "// edited\n");
    rmSync(join(root, "stacks", "nas.ts"));
    assert.deepEqual(sourceProblems(approved(), topology, checkout), []);
    assert.deepEqual(sourceProblems(approved(), topology, root), [
      "stacks/nas.ts is not the file that was approved",
      "stacks/zone.ts is not the file that was approved",
    ]);
    const other = topologyOf({ ...loadEnvironment("reference"), availability: "fast" });
    assert.deepEqual(sourceProblems(approved(), other, checkout), [
      "environments/reference.yaml says something else than when it was approved",
    ]);
    assert.deepEqual(sourceProblems({ ...approved(), platform: "other" }, topology, checkout), [
      "approved is a change of other, not of reference",
    ]);
  });

  it("is done as it is, or what is left of it", () => {
    const approval = approved(step("a"), step("b"));
    for (const steps of [[step("a"), step("b")], [step("b")], []])
      assert.equal(notApproved(approval, [{ stack, steps, waits: false }]), undefined);
  });

  it("is shown with what would be done besides or instead", () => {
    const approval = approved(step("a"), step("b"));
    const steps = [step("a", { op: "replace", replacing: ["image"] }), step("b"), step("c", { op: "create", paths: [] })];
    assert.equal(
      notApproved(approval, [{ stack, steps, waits: false }]),
      [
        "reference-dc1:",
        `  - update ${type} a (image)`,
        `  + replace ${type} a (image; replaced because of image)`,
        `  + create ${type} c`,
      ].join("\n"),
    );
  });

  it("is of one resource, and not of another with its type and name", () => {
    const approval = approved(step("a"));
    const moved = step("a", { urn: `urn:pulumi:reference-dc1::tandem::tandem:host:Other$${type}::a` });
    assert.match(notApproved(approval, [{ stack, steps: [moved], waits: false }]) ?? "", /\n {2}- update .*\n {2}\+ update /);
  });

  it("stops a stack right before its own up, and what comes after it", async () => {
    const project = { isTemporary: true } as Project;
    const stacks = [
      { name: "first", after: [] },
      { name: "second", after: ["first"] },
    ];
    const ended: string[] = [];
    const progress = { update: () => {}, end: (name: string) => void ended.push(name), close: async () => {} };
    const asked: string[] = [];
    const mayRun = async (name: string) => {
      asked.push(name);
      return "not what was approved:\n  + update x";
    };
    const reports = await runStacks(project, stacks, { kind: "up", jobs: 2, progress, mayRun });
    assert.deepEqual(
      reports.map(({ stack: name, result }) => [name, result]),
      [
        ["first", "failed"],
        ["second", "not run"],
      ],
    );
    assert.deepEqual([asked, ended], [["first"], ["first"]]);
    assert.match(reports[0]?.diagnostics[0]?.message ?? "", /\+ update x/);
  });

  it("covers no stack that was not reviewed", () => {
    assert.match(
      notApproved(approved(), [{ stack: "reference-dc2", steps: [step("a")], waits: false }]) ?? "",
      /^reference-dc2:\n {2}\+ update/,
    );
  });

  it("is judged by its resources alone while values of other stacks are still to come", () => {
    const approval = approved(step("a", { paths: ["image", "labels"] }));
    assert.equal(notApproved(approval, [{ stack, steps: [step("a")], waits: true }]), undefined);
    assert.equal(
      notApproved(approval, [{ stack, steps: [step("b")], waits: true }]),
      `reference-dc1:\n  + update ${type} b (image)`,
    );
  });
});
