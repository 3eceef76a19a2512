import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { execa } from "execa";
import { checkout } from "../../../scripts/console/directories.ts";
import { readPlatform } from "../../../scripts/deploy/platform.ts";
import { stackProgress } from "../../../scripts/deploy/progress.ts";
import type { StackReport } from "../../../scripts/deploy/run-stack.ts";
import { runStacks } from "../../../scripts/deploy/run-stacks.ts";
import { withEmptyBackend } from "../../../scripts/deploy/workspace.ts";
import { ensureEngine } from "../../../scripts/toolchain/engine.ts";
import { sendsNothing } from "../../support/counted-network.ts";
import { fakeLab } from "../../support/fake-lab.ts";
import { matchesGolden } from "../../support/golden.ts";

const script = join(checkout, "scripts", "deploy", "preview.ts");

interface Document {
  readonly ok: boolean;
  readonly from: string;
  readonly stacks: readonly Pick<StackReport, "stack" | "result" | "changes" | "resources">[];
}

/** An accidental rename shows: a renamed resource is a deleted and a new one. */
function hasGoldenResources({ stack, resources }: Pick<StackReport, "stack" | "resources">): void {
  // The engine makes a provider for each plugin that is used without one, and some names hold the plugin's version.
  const isEngines = ({ type, name }: { type: string; name: string }): boolean =>
    type === "pulumi:pulumi:Stack" || (type.startsWith("pulumi:providers:") && name.startsWith("default"));
  const own = resources.filter((resource) => !isEngines(resource));
  const lines = own.map(({ type, name }) => `${type} ${name}`).sort();
  matchesGolden(`${lines.join("\n")}\n`, join(checkout, "test", "stacks", "golden", `${stack}.txt`));
}

const configDirectory = join(checkout, "stacks", "config");
// A clone has no such directory.
const stackFiles = (): string[] => (existsSync(configDirectory) ? readdirSync(configDirectory).sort() : []);
// Temporary files of its own: other previews of this machine make and remove theirs meanwhile.
const directory = mkdtempSync(join(tmpdir(), "tandem-test-preview-"));
const env = { TMPDIR: directory };
const temporary = (): string[] => readdirSync(directory).filter((name) => name.startsWith("tandem-"));

describe("a preview of the lab", () => {
  it("previews all 16 stacks, with the resources of their golden lists", async () => {
    const engine = await ensureEngine({}, () => {});
    const lab = fakeLab();
    try {
      const { stacks } = readPlatform("lab");
      const reports = await withEmptyBackend({ engineEnv: { ...engine.env, TANDEM_LAB: lab.directory } }, (project) =>
        runStacks(project, stacks, {
          kind: "preview",
          jobs: 4,
          progress: stackProgress(
            "preview of lab",
            stacks.map(({ name }) => name),
            process.stderr,
          ),
        }),
      );
      assert.equal(reports.length, 16);
      for (const report of reports) {
        assert.equal(report.result, "done", JSON.stringify(report));
        hasGoldenResources(report);
      }
    } finally {
      lab.remove();
    }
  });
});

describe("a preview of the reference platform", () => {
  before(() => ensureEngine({}, () => {}));
  after(() => rmSync(directory, { recursive: true, force: true }));

  it("previews all 15 stacks, prints one JSON document, and leaves nothing in the checkout or among temporary files", async () => {
    const files = stackFiles();
    const { stdout } = await execa(process.execPath, [script, "--platform", "reference", "--from-empty", "--json"], { env });
    const document = JSON.parse(stdout) as Document;
    assert.equal(document.ok, true);
    assert.equal(document.from, "empty");
    assert.equal(document.stacks.length, 15);
    for (const stack of document.stacks) {
      assert.ok(stack.result === "done" && stack.changes.create > 0, JSON.stringify(stack));
      hasGoldenResources(stack);
    }
    assert.deepEqual(stackFiles(), files);
    assert.deepEqual(temporary(), []);
  });

  it("sends no packet to any host: nothing leaves a network whose only way out counts", async () => {
    const preview = [
      process.execPath,
      script,
      "--platform",
      "reference",
      "--from-empty",
      "--stack",
      "reference-trust",
      "--stack",
      "reference-dc1-internet",
    ];
    await sendsNothing(preview);
  });

  it("ends what it started and leaves nothing when it is interrupted", async () => {
    const run = execa(process.execPath, [script, "--platform", "reference", "--from-empty"], { reject: false, all: true, env });
    // Once: the log's end, which follows, names the stacks again, and a second signal would not wait.
    let interrupted = false;
    for await (const line of run.iterable({ from: "all" })) {
      if (!interrupted && line.includes("15 stacks")) interrupted = run.kill("SIGINT");
    }
    const { exitCode } = await run;
    assert.equal(exitCode, 1);
    assert.deepEqual(temporary(), []);
  });

  it("ends with 1 and the valid names for a stack that there is none of", async () => {
    const { exitCode, stderr } = await execa(process.execPath, [script, "--platform", "reference", "--stack", "reference-dc3"], {
      reject: false,
    });
    assert.equal(exitCode, 1);
    assert.match(stderr, /"reference-dc3": platform reference has no such stack; did you mean "reference-dc[12]"/);
  });
});
