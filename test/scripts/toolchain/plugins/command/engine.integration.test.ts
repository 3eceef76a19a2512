import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { execa } from "execa";
import { checkout } from "../../../../../scripts/console/directories.ts";
import { type Engine, ensureEngine } from "../../../../../scripts/toolchain/engine.ts";
import { type Sshd, startSshd } from "../../../../support/sshd.ts";
import { until } from "../../../../support/until.ts";

/** One stack, driven through its whole life by the real engine; the tests build on one another. */
const program = `
const pulumi = require("@pulumi/pulumi");
const command = require("@pulumi/command");
const spec = JSON.parse(require("fs").readFileSync("spec.json", "utf8"));
const first = new command.remote.Command("first", { connection: spec.connection, ...spec.first, stdin: pulumi.secret(spec.secret) });
const second = new command.remote.Command("second", { connection: spec.connection, ...spec.second, triggers: spec.triggers }, { dependsOn: [first] });
exports.out = first.stdout;
exports.second = second.stdout;
`;
const token = "plain-text-must-not-show-4711";
let engine: Engine;
let sshd: Sshd;
let directory: string;
let env: Record<string, string>;

before(async () => {
  engine = await ensureEngine({ needs: ["command"] }, () => {});
  sshd = await startSshd();
  directory = mkdtempSync(join(tmpdir(), "tandem-engine-"));
  mkdirSync(join(directory, "state"));
  symlinkSync(join(checkout, "node_modules"), join(directory, "node_modules"));
  writeFileSync(
    join(directory, "Pulumi.yaml"),
    "name: probe\nruntime:\n  name: nodejs\n  options:\n    typescript: false\nmain: index.cjs\n",
  );
  writeFileSync(join(directory, "index.cjs"), program);
  env = {
    ...engine.env,
    PULUMI_BACKEND_URL: `file://${join(directory, "state")}`,
    PULUMI_CONFIG_PASSPHRASE: "probe",
    SSH_AUTH_SOCK: "",
  };
  await pulumi(["stack", "init", "probe"]);
});
after(async () => {
  await sshd?.stop();
  if (directory) rmSync(directory, { recursive: true, force: true });
});

function pulumi(args: string[], options: { reject?: boolean } = {}) {
  return execa(engine.cli, [...args, "--non-interactive"], { cwd: directory, env, all: true, timeout: 60_000, ...options });
}

function declare(first: Record<string, unknown>, second: Record<string, unknown> = {}, triggers: unknown[] = []): void {
  const { host, port, user, privateKey, hostKey } = sshd;
  const connection = { host, port, user, privateKey, hostKey, dialErrorLimit: 0 };
  writeFileSync(join(directory, "spec.json"), JSON.stringify({ connection, first, second, triggers, secret: token }));
}

const up = (options = {}) => pulumi(["up", "--yes", "--skip-preview"], options);
const journal = join(tmpdir(), `tandem-engine-${process.pid}.journal`);
const ran = () => (existsSync(journal) ? readFileSync(journal, "utf8").trim().split("\n") : []);
const note = (what: string) => `echo ${what} >> ${journal}; echo ${what}`;
after(() => rmSync(journal, { force: true }));

test("a preview runs nothing and knows no outputs", async () => {
  declare(
    { create: `cat >/dev/null; ${note("first")}`, delete: note("first-deleted") },
    { create: note("second"), delete: note("second-deleted") },
  );
  const { all } = await pulumi(["preview", "--diff"]);
  assert.deepEqual(ran(), []);
  assert.match(all, /2 to create|3 to create/);
  assert.ok(!all.includes(token) && !all.includes("OPENSSH PRIVATE KEY"));
});

test("an up runs the commands in their order; nothing secret stands in its output or in the state", async () => {
  const { all } = await up();
  assert.deepEqual(ran(), ["first", "second"]);
  assert.equal((await pulumi(["stack", "output", "out"])).stdout, "first");
  const state = readFileSync(join(directory, "state/.pulumi/stacks/probe/probe.json"), "utf8");
  for (const text of [all, state]) assert.ok(!text.includes(token) && !text.includes("OPENSSH PRIVATE KEY"));
});

test("a second up changes nothing", async () => {
  const { all } = await up();
  assert.match(all, /3 unchanged/);
  assert.equal(ran().length, 2);
});

test("a changed command is an update, a changed trigger a replacement, created first and deleted after", async () => {
  declare(
    { create: `cat >/dev/null; ${note("first-again")}`, delete: note("first-deleted") },
    { create: note("second"), delete: note("second-deleted") },
    ["new"],
  );
  const { all } = await up();
  assert.match(all, /1 updated/);
  assert.match(all, /1 replaced/);
  assert.deepEqual(ran().slice(2), ["first-again", "second", "second-deleted"]);
});

test("a failure in the middle keeps the old state, and the next up goes on from there", async () => {
  declare({ create: `cat; exit 1`, delete: note("first-deleted") }, { create: note("second"), delete: note("second-deleted") }, [
    "new",
  ]);
  const failed = await up({ reject: false });
  assert.notEqual(failed.exitCode, 0);
  assert.match(failed.all ?? "", /Process exited with status 1/);
  assert.ok(!(failed.all ?? "").includes(token));
  declare(
    { create: `cat >/dev/null; ${note("mended")}`, delete: note("first-deleted") },
    { create: note("second"), delete: note("second-deleted") },
    ["new"],
  );
  assert.match((await up()).all, /1 updated/);
  assert.equal(ran().at(-1), "mended");
});

test("an interrupted up stops the running command, and the next one goes on", async () => {
  const marker = join(directory, "running");
  declare({ create: `echo $$ > ${marker}; exec sleep 300` }, { create: note("second"), delete: note("second-deleted") }, ["new"]);
  const running = execa(engine.cli, ["up", "--yes", "--skip-preview", "--non-interactive"], {
    cwd: directory,
    env,
    all: true,
    reject: false,
  });
  await until("the command runs", () => existsSync(marker) && readFileSync(marker, "utf8").endsWith("\n"), 30_000);
  running.kill("SIGINT");
  assert.notEqual((await running).exitCode, 0);
  const pid = Number(readFileSync(marker, "utf8"));
  await until(
    "the command is gone",
    () => !existsSync(`/proc/${pid}`) || /^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8")),
  );
  declare(
    { create: `cat >/dev/null; ${note("resumed")}`, delete: note("first-deleted") },
    { create: note("second"), delete: note("second-deleted") },
    ["new"],
  );
  await up();
  assert.equal(ran().at(-1), "resumed");
});

test("a destroy runs the delete commands in reverse order", async () => {
  await pulumi(["destroy", "--yes", "--skip-preview"]);
  assert.deepEqual(ran().slice(-2), ["second-deleted", "first-deleted"]);
});
