import assert from "node:assert/strict";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { execa } from "execa";
import { checkout } from "../../../scripts/console/directories.ts";
import { fileBackendEnv } from "../../../scripts/toolchain/backend.ts";
import { type Engine, ensureEngine } from "../../../scripts/toolchain/engine.ts";
import { cliVersion, plugins } from "../../../scripts/toolchain/versions.ts";

let engine: Engine;
let directory: string;
let env: Record<string, string>;

before(async () => {
  engine = await ensureEngine({ needs: ["docker", "random", "tls"] }, () => {});
  directory = mkdtempSync(join(tmpdir(), "tandem-engine-"));
  env = { ...engine.env, ...fileBackendEnv(directory) };
  const program = join(directory, "program");
  cpSync(join(import.meta.dirname, "program"), program, { recursive: true });
  symlinkSync(join(checkout, "node_modules"), join(program, "node_modules"));
  await pulumi("stack", "init", "trial");
});

after(() => rmSync(directory, { recursive: true, force: true }));

async function pulumi(...args: string[]): Promise<string> {
  const cwd = join(directory, "program");
  return (await execa(engine.cli, [...args, "--non-interactive"], { cwd, env, all: true })).all;
}

interface Steps {
  readonly changeSummary: Readonly<Record<string, number>>;
}

async function json(...args: string[]): Promise<unknown> {
  return JSON.parse(
    (await execa(engine.cli, [...args, "--json", "--non-interactive"], { cwd: join(directory, "program"), env })).stdout,
  );
}

const preview = async (): Promise<Steps> => (await json("preview")) as Steps;

test("the engine and its plugins are of the pinned versions", async () => {
  assert.equal(await pulumi("version"), `v${cliVersion}`);
  for (const name of ["docker", "random", "tls"] as const) {
    const file = join(engine.home, "plugins", `resource-${name}-v${plugins[name]}`, `pulumi-resource-${name}`);
    assert.equal((await execa(file, ["--version"])).stdout.trim().replace(/^v/, ""), plugins[name]);
  }
});

test("the engine finds its language host and plugins without a warning", async () => {
  assert.doesNotMatch(await pulumi("preview"), /warning/);
});

test("a plugin on PATH, of whatever version, does not run in place of the chosen one", async () => {
  const onPath = join(directory, "on-path");
  mkdirSync(onPath);
  const ran = join(directory, "ran");
  for (const name of ["docker", "random", "tls"])
    writeFileSync(join(onPath, `pulumi-resource-${name}`), `#!/bin/sh\ntouch '${ran}'\nexit 1\n`, { mode: 0o755 });
  const { env: chosen } = await withPath(`${onPath}:${process.env["PATH"]}`, () =>
    ensureEngine({ needs: ["docker", "random", "tls"] }, () => {}),
  );
  await execa(engine.cli, ["preview", "--non-interactive"], { cwd: join(directory, "program"), env: { ...env, ...chosen } });
  assert.equal(existsSync(ran), false);
});

async function withPath<T>(path: string, work: () => Promise<T>): Promise<T> {
  const before = process.env["PATH"];
  process.env["PATH"] = path;
  try {
    return await work();
  } finally {
    process.env["PATH"] = before;
  }
}

test("an engine that is there is not made again", async () => {
  await ensureEngine({ needs: ["docker", "random", "tls"] }, () => assert.fail("something was made"));
});

test("a program previews, comes up, and comes up again unchanged", async () => {
  assert.equal((await preview()).changeSummary["create"], 8);
  await pulumi("up", "--yes", "--skip-preview");
  await pulumi("up", "--yes", "--skip-preview", "--expect-no-changes");
  assert.deepEqual(Object.keys((await preview()).changeSummary), ["same"]);
});

test("what a plugin calls secret is not readable in the state", async () => {
  const state = readFileSync(join(directory, "state", ".pulumi", "stacks", "toolchain-trial", "trial.json"), "utf8");
  const shown = Object.values((await json("stack", "output", "--show-secrets")) as Record<string, string>);
  assert.equal(shown.length, 2);
  assert.match(state, /ciphertext/);
  for (const value of shown) assert.ok(!state.includes(value.split("\n")[1] ?? value), "a secret is in the state as plain text");
});

test("a property that the plugin does not know is refused", async () => {
  writeFileSync(join(directory, "program", "unknown-property"), "");
  try {
    await assert.rejects(preview(), /maxPathLength/);
  } finally {
    rmSync(join(directory, "program", "unknown-property"));
  }
});

test("a stack is taken down to nothing", async () => {
  await pulumi("destroy", "--yes", "--skip-preview");
  assert.deepEqual((await preview()).changeSummary["create"], 8);
});
