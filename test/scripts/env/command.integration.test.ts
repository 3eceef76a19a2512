import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { platformText } from "../../environments/broken.ts";

const command = join(import.meta.dirname, "../../../scripts/env/index.ts");

function run(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [command, ...args], { maxBuffer: 2 ** 24 }, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr });
    });
  });
}

test("a broken file ends the check with code 1 and its problems alone, without a stack trace", async () => {
  const directory = mkdtempSync(join(tmpdir(), "tandem-env-"));
  try {
    const file = join(directory, "lab.yaml");
    writeFileSync(file, platformText("lab").replace("    role: standby\n", "    role: active\n"));
    const { code, stdout, stderr } = await run("check", file);
    assert.equal(code, 1);
    assert.equal(stdout, "");
    const [problem, end, ...rest] = stderr.trimEnd().split("\n");
    assert.match(
      problem ?? "",
      /lab\.yaml:\d+:5 {2}sites\.dc2\.role: dc1 is active too; given active; allowed exactly one active site; fix: set role: standby/,
    );
    assert.match(end ?? "", /lab\.yaml: 1 problem; nothing was changed$/);
    assert.deepEqual(rest, []);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test("without a file every platform is checked", async () => {
  const { code, stdout, stderr } = await run("check", "--today", "2026-11-21");
  assert.deepEqual([code, stderr], [0, ""]);
  assert.equal(stdout, "lab: sound; 2 sites, 5 zones each, 50 hosts\nreference: sound; 2 sites, 5 zones each, 68 hosts\n");
});

test("two platforms are compared with code 0, whatever differs", async () => {
  const { code, stdout } = await run("diff", "lab", "reference", "--format", "json");
  assert.equal(code, 0);
  assert.ok((JSON.parse(stdout) as unknown[]).length > 10);
});

test("an exception that ends soon is a warning, one that has ended an error", async () => {
  const soon = await run("check", "reference", "--today", "2027-12-01");
  assert.equal(soon.code, 0);
  assert.match(
    soon.stdout,
    /^reference: warning: flow portal-quotes: its exception ends on 2027-12-31; Head of core systems answers for it$/m,
  );
  const late = await run("check", "reference", "--today", "2028-01-01");
  assert.equal(late.code, 1);
  assert.match(late.stderr, /flows\.portal-quotes\.exception\.expires: the exception has expired/);
});
