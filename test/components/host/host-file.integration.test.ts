import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import {
  type HostFileSpec,
  notLoaded,
  renderChangedFilesProbe,
  renderExpected,
  renderProbe,
  renderRemoveScript,
  renderWriteScript,
} from "../../../components/host/host-file.render.ts";

// The scripts run in a real shell; only the directory where a host keeps its records is moved below the test's own.
let root: string;
let spec: HostFileSpec;

beforeEach(() => {
  root = mkdtempSync(join(process.env["TMPDIR"] ?? "/tmp", "tandem-host-file-"));
  const group = execFileSync("id", ["-gn"], { encoding: "utf8" }).trim();
  spec = {
    path: `${root}/service.conf`,
    mode: "0640",
    owner: `${userInfo().username}:${group}`,
    check: 'grep -q sound "$candidate"',
    reload: `! grep -q poison ${root}/service.conf && echo x >> ${root}/reloads`,
  };
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

const relocated = (script: string): string => script.replaceAll("/var/lib/tandem", `${root}/var`);
const shell = (script: string, input = ""): { status: number | null; stdout: string; stderr: string } =>
  spawnSync("sh", ["-c", relocated(script)], { input, encoding: "utf8" });
const write = (content: string) => shell(renderWriteScript(spec), content);
const reloads = (): number => (existsSync(`${root}/reloads`) ? readFileSync(`${root}/reloads`, "utf8").length / 2 : 0);
const content = (): string => readFileSync(spec.path, "utf8");

test("a file is written with its owner and mode, and its service reloaded once", () => {
  assert.equal(write("sound 1\n").status, 0);
  assert.equal(shell(renderProbe(spec, "text")).stdout, renderExpected(spec, "sound 1\n"));
  assert.equal(reloads(), 1);
});

test("writing the same content again touches nothing and reloads nothing", () => {
  write("sound 1\n");
  assert.equal(write("sound 1\n").status, 0);
  assert.equal(reloads(), 1);
});

test("content that the service's parser refuses never reaches its place", () => {
  write("sound 1\n");
  const refused = write("broken\n");
  assert.equal(refused.status, 1);
  assert.match(refused.stderr, /refused by its check and nothing was changed/);
  assert.equal(content(), "sound 1\n");
  assert.deepEqual(
    readdirSync(root).filter((name) => name.includes("tandem-")),
    [],
  );
});

test("a failed reload puts the content before it back and says so", () => {
  write("sound 1\n");
  const refused = write("sound poison\n");
  assert.equal(refused.status, 1);
  assert.match(refused.stderr, /the content before it is back in place/);
  assert.equal(content(), "sound 1\n");
});

test("a run that was cut between move and reload reloads the next time", () => {
  write("sound 1\n");
  writeFileSync(spec.path, "sound 2\n");
  assert.equal(write("sound 2\n").status, 0);
  assert.equal(reloads(), 2);
});

test("where its service holds something else, the probe says so and writing the same content again reloads it", () => {
  spec = { ...spec, loaded: `[ ! -e ${root}/changed ]` };
  write("sound 1\n");
  assert.equal(shell(renderProbe(spec, "text")).stdout, renderExpected(spec, "sound 1\n"));
  writeFileSync(`${root}/changed`, "");
  assert.equal(shell(renderProbe(spec, "text")).stdout, `${renderExpected(spec, "sound 1\n")}${notLoaded}\n`);
  assert.equal(write("sound 1\n").status, 0);
  assert.equal(reloads(), 2);
  assert.equal(content(), "sound 1\n");
});

test("what a hand had changed is kept before it is written over", () => {
  write("sound 1\n");
  writeFileSync(spec.path, "sound, by hand\n");
  const told = write("sound 2\n");
  const kept = /kept in (\S+)/.exec(told.stderr)?.[1];
  assert.ok(kept, told.stderr);
  assert.equal(readFileSync(kept, "utf8"), "sound, by hand\n");
});

test("a file that was changed by hand is named by the inspection, an unchanged one is not", () => {
  write("sound 1\n");
  assert.equal(shell(renderChangedFilesProbe()).stdout, "");
  writeFileSync(spec.path, "sound, by hand\n");
  assert.equal(shell(renderChangedFilesProbe()).stdout.trim(), spec.path);
  rmSync(spec.path);
  assert.equal(shell(renderChangedFilesProbe()).stdout.trim(), spec.path);
});

test("removing takes the file and its record away", () => {
  write("sound 1\n");
  assert.equal(shell(renderRemoveScript({ ...spec, reload: ":" })).status, 0);
  assert.equal(existsSync(spec.path), false);
  assert.equal(shell(renderChangedFilesProbe()).stdout, "");
});

test("a secret file's probe prints a digest, never its content", () => {
  write("sound secret\n");
  assert.doesNotMatch(shell(renderProbe(spec, "digest")).stdout, /secret/);
});
