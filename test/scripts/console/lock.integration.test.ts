import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { checkout } from "../../../scripts/console/directories.ts";
import { withLock } from "../../../scripts/console/lock.ts";

let directory: string;
let path: string;
let children: ChildProcess[];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "tandem-lock-"));
  path = join(directory, "lock");
  children = [];
});
afterEach(() => {
  for (const child of children) child.kill("SIGKILL");
  rmSync(directory, { recursive: true });
});

function start(work: string): ChildProcess {
  const program = `import { readFileSync, writeFileSync } from "node:fs";
    import { withLock } from ${JSON.stringify(join(checkout, "scripts", "console", "lock.ts"))};
    const path = ${JSON.stringify(path)};
    ${work}`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", program], { stdio: ["ignore", "pipe", "inherit"] });
  children.push(child);
  return child;
}

/** A process that holds the lock until it is killed. */
async function holder(): Promise<ChildProcess> {
  const child = start(`await withLock(path, "holding", 0, async () => {
    console.log("held");
    await new Promise((resolve) => setTimeout(resolve, 600_000));
  });`);
  assert.ok(child.stdout);
  await once(child.stdout, "data");
  return child;
}

test("a holder that is suspended keeps its lock however long ago it took it, and the refusal names it", async () => {
  const child = await holder();
  child.kill("SIGSTOP");
  utimesSync(path, 0, 0);
  await assert.rejects(
    withLock(path, "trying", 0.3, async () => assert.fail("the lock was taken from it")),
    new RegExp(`held by process ${child.pid} \\(holding\\)`),
  );
  assert.ok(existsSync(path));
});

test("the lock of a process that was killed is taken over at once, and leaves nothing behind", async () => {
  const child = await holder();
  child.kill("SIGKILL");
  await once(child, "exit");
  assert.equal(await withLock(path, "heir", 0, async () => "mine"), "mine");
  assert.deepEqual(readdirSync(directory), []);
});

test("a lock whose holder's process id another process has now is not held", async () => {
  writeFileSync(path, `${process.pid}:1\nprocess ${process.pid} (long ago)\n`);
  assert.equal(await withLock(path, "heir", 0, async () => "mine"), "mine");
});

test("of many that find a dead holder's lock at once, one at a time has it", async () => {
  const counter = join(directory, "counter");
  writeFileSync(counter, "0");
  writeFileSync(path, `${process.pid}:1\n`);
  // Also a process that died while it was taking over.
  writeFileSync(`${path}.takeover`, `${process.pid}:1\n`);
  const added = `for (let turn = 0; turn < 5; turn++)
    await withLock(path, "counting", 60, async () => {
      const before = Number(readFileSync(${JSON.stringify(counter)}, "utf8"));
      await new Promise((resolve) => setTimeout(resolve, 5));
      writeFileSync(${JSON.stringify(counter)}, String(before + 1));
    });`;
  const ended = await Promise.all(Array.from({ length: 5 }, () => once(start(added), "exit")));
  assert.deepEqual(
    ended.map(([code]) => code),
    [0, 0, 0, 0, 0],
  );
  assert.equal(readFileSync(counter, "utf8"), "25");
});

test("who is interrupted while waiting stops to wait", async () => {
  await holder();
  const controller = new AbortController();
  const waiting = withLock(path, "waiting", 600, async () => assert.fail("taken"), controller.signal);
  controller.abort(new Error("interrupted"));
  await assert.rejects(waiting, /interrupted/);
});
