import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { processMark } from "../../../scripts/console/run-mark.ts";
import { cached, cachedAlready, digestOf } from "../../../scripts/toolchain/cache.ts";
import { goPartKey } from "../../../scripts/toolchain/go-build.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "tandem-cache-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const make = (text: string) => async (directory: string) => writeFileSync(join(directory, "result"), text);

test("what is in the cache is not made again", async () => {
  await cached("part", "test", make("first"), { root });
  const path = await cached("part", "test", make("second"), { root });
  assert.equal(readFileSync(join(path, "result"), "utf8"), "first");
});

test("a half-made result is not taken for a whole one", async () => {
  mkdirSync(join(root, "parts", "part"), { recursive: true });
  writeFileSync(join(root, "parts", "part", "result"), "half");
  mkdirSync(join(root, "parts", "part.making"), { recursive: true });
  writeFileSync(join(root, "parts", "part.making", "left over"), "half");
  assert.equal(cachedAlready("part", root), undefined);
  const path = await cached("part", "test", make("whole"), { root });
  assert.equal(readFileSync(join(path, "result"), "utf8"), "whole");
  assert.ok(!existsSync(join(path, "left over")));
});

test("a tool of a run that was killed writes nothing into what the next run makes, and one of a live run goes on", async () => {
  const tool = (mark: string) => spawn("sleep", ["60"], { env: { ...process.env, TANDEM_TOOL_OF: mark }, stdio: "ignore" });
  const [left, own] = [tool("1:2"), tool(processMark(process.pid) ?? "")];
  const ended = once(left, "exit");
  try {
    await Promise.all([left, own].map((child) => once(child, "spawn")));
    await cached("part", "test", make("whole"), { root });
    assert.deepEqual(await ended, [null, "SIGKILL"]);
    assert.equal(own.exitCode ?? own.signalCode, null);
  } finally {
    for (const child of [left, own]) child.kill("SIGKILL");
  }
});

test("a failure leaves nothing, and the next one makes it", async () => {
  const failing = async (directory: string) => {
    writeFileSync(join(directory, "result"), "half");
    throw new Error("disk full");
  };
  await assert.rejects(cached("part", "test", failing, { root }), /disk full/);
  assert.deepEqual(readdirSync(join(root, "parts")), []);
  assert.equal(readFileSync(join(await cached("part", "test", make("whole"), { root }), "result"), "utf8"), "whole");
});

test("of several that need a part at once, one makes it", async () => {
  let made = 0;
  const counting = async (directory: string) => {
    made++;
    await make("whole")(directory);
  };
  const paths = await Promise.all([1, 2, 3].map(() => cached("part", "test", counting, { root })));
  assert.equal(made, 1);
  assert.equal(new Set(paths).size, 1);
});

test("a part's key follows its version, its flags and every file of its module", () => {
  writeFileSync(join(root, "go.mod"), "module x\n");
  const part = { name: "x", version: "1", module: root };
  const keys = [goPartKey(part), goPartKey({ ...part, version: "2" }), goPartKey({ ...part, variables: { a: "b" } })];
  writeFileSync(join(root, "go.sum"), "y\n");
  keys.push(goPartKey(part));
  writeFileSync(join(root, "go.sum"), "z\n");
  keys.push(goPartKey(part));
  assert.equal(new Set(keys).size, keys.length);
  assert.equal(goPartKey(part), goPartKey({ ...part }));
});

test("a digest tells where one text ends and the next begins", () => {
  assert.notEqual(digestOf(["ab", "c"], []), digestOf(["a", "bc"], []));
});
