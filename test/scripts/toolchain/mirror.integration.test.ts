import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { execa, type Result } from "execa";
import { checkout } from "../../../scripts/console/directories.ts";
import { cliDownload, pluginDownload } from "../../../scripts/toolchain/official.ts";
import { pluginNames } from "../../../scripts/toolchain/versions.ts";
import { Mirror } from "./mirror.ts";

let root: string;
let mirror: Mirror;

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), "tandem-toolchain-"));
  mirror = await Mirror.start();
});

afterEach(async () => {
  await mirror.stop();
  rmSync(root, { recursive: true, force: true });
});

/** The command in a home of its own, on a machine that has a shell and nothing else. */
async function toolchain(...args: string[]): Promise<Result> {
  const file = join(checkout, "scripts", "toolchain", "index.ts");
  const env = { HOME: root, PATH: "/usr/bin-that-is-not-there:/bin-that-is-not-there", ...mirror.env };
  return await execa(process.execPath, [file, ...args], { env, extendEnv: false, reject: false });
}

const parts = (): string[] => readdirSync(join(root, ".cache", "tandem", "parts"));

function homes(): string[] {
  const engines = join(root, ".cache", "tandem", "engine");
  return readdirSync(engines).filter((name) => existsSync(join(engines, name, "bin")));
}

test("where official downloads can be had, they are what runs", async () => {
  const made = await toolchain("ensure");
  assert.equal(made.exitCode, 0, String(made.stderr));
  const [home = ""] = homes();
  for (const name of pluginNames) {
    const { base, archive } = pluginDownload(name);
    assert.ok(mirror.asked.includes(`/${archive}`), base);
    const directory =
      readdirSync(join(root, ".cache/tandem/engine", home, "plugins")).find((entry) => entry.includes(`-${name}-`)) ?? "";
    const origin = readFileSync(join(root, ".cache/tandem/engine", home, "plugins", directory, "origin.json"), "utf8");
    assert.equal(JSON.parse(origin).origin, "official");
  }
  const { stdout } = await toolchain("status");
  assert.equal(String(stdout).match(/official/g)?.length, 2 + pluginNames.length);
});

test("what was downloaded is not downloaded again, and is what a shell gets", async () => {
  await toolchain("ensure");
  mirror.asked.length = 0;
  const { stdout, stderr } = await toolchain("env");
  assert.deepEqual(mirror.asked, [], String(stderr));
  const shell = await execa("/bin/sh", ["-c", `${stdout}\npulumi version`], { env: { PATH: "/bin" }, extendEnv: false });
  assert.match(shell.stdout, /^v3\./);
});

test("an archive that is not what was published is refused and nothing of it is kept", async () => {
  const { archive } = cliDownload();
  mirror.tamper(archive);
  const made = await toolchain("env");
  assert.equal(made.exitCode, 1);
  assert.match(String(made.stderr), new RegExp(`${archive}: its content does not have the published checksum`));
  assert.deepEqual(parts(), []);
  assert.deepEqual(homes(), []);
});

test("an archive without a published checksum is not used, and without Go either it is said how to get Go", async () => {
  mirror.forget(cliDownload().checksums);
  const made = await toolchain("env");
  assert.equal(made.exitCode, 1);
  assert.ok(!mirror.asked.includes(`/${cliDownload().archive}`));
  assert.match(String(made.stderr), /^go: there is none on PATH.*Install Go and put it on PATH/m);
});

test("a mirror that does not have a portable plugin leaves it to the portable one, with the reason", async () => {
  mirror.forget(pluginDownload("command").checksums);
  await toolchain("ensure");
  const { stdout } = await toolchain("status");
  assert.match(String(stdout), /plugin command\s+│ \S+\s+│ portable\s+│.*answers 404/s);
});

test("two set-ups at once make one engine", async () => {
  const made = await Promise.all([toolchain("env"), toolchain("env"), toolchain("env")]);
  for (const { exitCode, stderr } of made) assert.equal(exitCode, 0, String(stderr));
  assert.equal(new Set(made.map(({ stdout }) => stdout)).size, 1);
  const archives = mirror.asked.filter((path) => path.endsWith(".tar.gz"));
  assert.equal(new Set(archives).size, archives.length);
});

test("before anything was made, the status says so and how to make it", async () => {
  const { exitCode, stdout } = await toolchain("status");
  assert.equal(exitCode, 0);
  assert.match(String(stdout), /No engine yet. Make it: npm run toolchain -- ensure/);
});
