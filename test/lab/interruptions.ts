import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname, userInfo } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { statesOf } from "../support/lab.ts";
import { lab, npm, npmSucceeds, said } from "./session.ts";

test("a lock of a live run is respected and one of a dead run is cleared", async () => {
  const directory = join(lab.directory, "state", ".pulumi", "locks", "organization", "tandem", "lab-trust");
  const lock = join(directory, "test.json");
  // What an engine is told by is its name; its process can be any.
  const engine = spawn("sleep", ["600"], { argv0: "pulumi", stdio: "ignore" });
  try {
    mkdirSync(directory, { recursive: true });
    const { username } = userInfo();
    writeFileSync(lock, JSON.stringify({ pid: engine.pid, username, hostname: hostname(), timestamp: new Date().toISOString() }));
    const earlier = statesOf(lab);
    const refused = await npm("up", ["--platform", "lab", "--stack", "lab-trust"]);
    assert.equal(refused.code, 1, said(refused));
    assert.match(
      refused.stderr,
      new RegExp(`stack lab-trust is locked by process ${engine.pid} of ${username} on ${hostname()}`),
    );
    assert.ok(existsSync(lock));
    assert.deepEqual(statesOf(lab), earlier);
    engine.kill();
    await once(engine, "exit");
    const up = await npmSucceeds("up", "--platform", "lab", "--stack", "lab-trust");
    assert.match(up, new RegExp(`lab-trust: the lock of process ${engine.pid}, which is dead, is cleared`));
    assert.ok(!existsSync(lock));
  } finally {
    engine.kill();
    rmSync(lock, { force: true });
  }
});

test("a state that a kill cut while it was written gives way to the one before", async () => {
  const file = join(lab.directory, "state", ".pulumi", "stacks", "tandem", "lab-dc1-policy.json");
  const whole = readFileSync(file, "utf8");
  writeFileSync(file, whole.slice(0, whole.length / 2));
  const drift = await npm("drift");
  assert.equal(drift.code, 1);
  assert.match(drift.stderr, /^lab-dc1-policy: the state can't be read: .*npm run up -- --platform lab$/m);
  assert.notEqual(readFileSync(file, "utf8"), whole);
  const up = await npmSucceeds("up", "--platform", "lab", "--stack", "lab-dc1-policy");
  assert.match(up, /lab-dc1-policy: its state was cut by a kill while it was written; the one before is back/);
  assert.match(await npmSucceeds("drift"), /: no differences\n/);
});
