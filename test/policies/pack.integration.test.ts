import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { execa } from "execa";
import { stringify } from "yaml";
import { checkout } from "../../scripts/console/directories.ts";
import { runStack, type StackReport } from "../../scripts/deploy/run-stack.ts";
import { type Project, projectIn } from "../../scripts/deploy/workspace.ts";
import { fileBackendEnv } from "../../scripts/toolchain/backend.ts";
import { ensureEngine } from "../../scripts/toolchain/engine.ts";
import { endPolicies, policyPackFile, policyPort } from "../../scripts/toolchain/policy-pack.ts";
import { until } from "../support/until.ts";

// The pack in the real engine, on a program of a few lines that runs as a stack of the reference platform; what it makes is in the state alone.

const stack = "reference-trust";
let directory: string;
let project: Project;

before(async () => {
  const engine = await ensureEngine({ needs: ["random"] }, () => {});
  directory = mkdtempSync(join(tmpdir(), "tandem-test-pack-"));
  writeFileSync(
    join(directory, "Pulumi.yaml"),
    stringify({ name: "tandem", main: "index.mjs", runtime: { name: "nodejs", options: { typescript: false } } }),
  );
  writeFileSync(join(directory, "package.json"), JSON.stringify({ main: "index.mjs" }));
  for (const part of ["node_modules", "policies"]) symlinkSync(join(checkout, part), join(directory, part));
  mkdirSync(join(directory, "config"));
  project = await projectIn(directory, { engineEnv: engine.env, backendEnv: fileBackendEnv(directory), root: directory });
  await project.openOrCreate(stack);
});

after(() => rmSync(directory, { recursive: true, force: true }));

const run = (kind: "preview" | "up", program: string): Promise<StackReport> => {
  writeFileSync(join(directory, "index.mjs"), `import * as random from "@pulumi/random";\n${program}\n`);
  return runStack({ ...project, openOrCreate: project.open }, stack, kind, {});
};

const said = ({ diagnostics }: StackReport): string =>
  diagnostics.map(({ severity, message }) => `${severity}: ${message}`).join("\n");
const password = (options: string): string => `new random.RandomPassword("database-password", { length: 32 }, { ${options} });`;

describe("the policy pack in the real engine", () => {
  it("refuses what must never happen, in a preview and before an up has made it", async () => {
    for (const kind of ["preview", "up"] as const) {
      const report = await run(kind, password("protect: false"));
      assert.equal(report.result, "failed", said(report));
      assert.match(
        said(report),
        /error: policy data-must-be-protected: [^\n]*\n?a change could delete a password that both sites have; given protect: false; allowed protect: true; fix: /,
      );
    }
    assert.doesNotMatch(await project.cli(["stack", "export", "--stack", stack]), /database-password/);
  });

  it("lets its twin pass", async () => {
    for (const kind of ["preview", "up"] as const) {
      const report = await run(kind, password("protect: true"));
      assert.deepEqual([report.result, said(report)], ["done", ""]);
    }
  });

  it("says in a preview what it can't judge yet, and judges it in the up", async () => {
    const program = `${password("protect: true")}
      const known = new random.RandomString("known", { length: 40, special: false, minUpper: 5, minLower: 5, minNumeric: 5 });
      new random.RandomString("reader", { length: 8, keepers: { of: known.result.apply((text) => "password=" + text) } });`;
    const preview = await run("preview", program);
    assert.equal(preview.result, "done", said(preview));
    assert.match(
      said(preview),
      /^warning: policy preview-must-be-judged-again: [^\n]*\n?can't be judged yet: random-text-must-be-secret \(1, as reader: .*; secret-must-not-be-plain \(1, as reader: /,
    );
    const up = await run("up", program);
    assert.equal(up.result, "failed", said(up));
    assert.match(
      said(up),
      /error: policy secret-must-not-be-plain: [^\n]*\n?keepers\.of: this is in the state and in every preview as it is; given a value of password;/,
    );
  });

  it("takes a secret for what it is", async () => {
    const program = `${password("protect: true")}
      const known = new random.RandomPassword("known", { length: 40, special: false, minUpper: 5, minLower: 5, minNumeric: 5 }, { protect: true });
      new random.RandomString("reader-of-secret", { length: 8, keepers: { of: known.result } });`;
    const up = await run("up", program);
    assert.deepEqual([up.result, said(up)], ["done", ""]);
  });

  it("is an error where there is none, and ends when a project needs it no more", async () => {
    await assert.rejects(policyPort("/nowhere/policies/start.mjs", {}), /doesn't start, and nothing is judged: .*ENOENT/);
    const port = Number(await policyPort(join(checkout, policyPackFile), {}));
    assert.ok(await answers(port));
    endPolicies(checkout);
    await until(`nothing answers on port ${port}`, async () => !(await answers(port)));
  });

  it("answers all runs of a process from one start, and ends with it", async () => {
    const file = join(checkout, policyPackFile);
    for (const [how, ends] of [
      ["by itself", ""],
      ["killed", 'process.kill(process.pid, "SIGKILL");'],
    ] as const) {
      const program = `import { policyPort } from ${JSON.stringify(join(checkout, "scripts/toolchain/policy-pack.ts"))};
        const ports = await Promise.all([policyPort(${JSON.stringify(file)}, {}), policyPort(${JSON.stringify(file)}, {})]);
        process.stdout.write(ports.join(" "), () => { ${ends} });`;
      const { stdout } = await execa(process.execPath, ["--input-type=module", "--eval", program], {
        reject: false,
        timeout: 60_000,
      });
      const [first, second] = stdout.split(" ").map(Number);
      assert.ok(first && first === second, `${how}: ${stdout}`);
      await until(`${how}: nothing answers on port ${first}`, async () => !(await answers(first)));
    }
  });
});

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("error", () => resolve(false));
    socket.once("connect", () => resolve(true));
    socket.once("connect", () => socket.destroy());
  });
