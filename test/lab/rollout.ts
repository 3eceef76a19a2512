import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { statesOf } from "../support/lab.ts";
import { hostNamed, lab, npm, npmSucceeds, on, own, said } from "./session.ts";

const active = ["--platform", "lab", "--stack", "lab-dc1-policy"];
const both = [...active, "--stack", "lab-dc2-policy"];
const timeFile = "/etc/chrony/conf.d/60-tandem.conf";

test("a change goes to the standby site first, and to the active site only when the standby is as declared", async () => {
  const file = join(own.checkout, "environments", "lab.yaml");
  const original = readFileSync(file, "utf8");
  const edit = (server: string): void => {
    const edited = original.replace(/^(time: .*servers: )\[\]/m, `$1[${server}]`);
    assert.notEqual(edited, original);
    writeFileSync(file, edited);
  };
  const servers = async (): Promise<string[]> =>
    Promise.all(
      ["dc1-policy-wk1", "dc2-policy-wk1"].map((name) => on(hostNamed(name), `grep -o 'server [0-9.]*' ${timeFile} || true`)),
    );
  try {
    edit("192.0.2.10");
    const earlier = statesOf(lab);
    const alone = await npm("up", active);
    assert.equal(alone.code, 1, said(alone));
    assert.match(alone.stdout, /stopped: the standby site goes first: lab-dc2-policy still has \d+ changes/);
    assert.deepEqual(statesOf(lab), earlier);

    const rolled = await npmSucceeds("up", ...both);
    const order = ["standby site, ", "standby site: verified, ", "active site, "].map((words) => rolled.indexOf(words));
    assert.ok(order.every((at) => at >= 0) && order.join() === order.toSorted((a, b) => a - b).join(), rolled);
    assert.deepEqual(await servers(), ["server 192.0.2.10", "server 192.0.2.10"]);

    edit("192.0.2.11");
    await on(hostNamed("dc2-policy-gw1"), "echo by-hand | sudo tee -a /etc/sysctl.d/60-tandem.conf");
    const stopped = await npm("up", both);
    assert.equal(stopped.code, 1, said(stopped));
    assert.match(stopped.stdout, /stopped: the standby site is not as declared/);
    assert.match(stopped.stdout, /^done: lab-dc2-policy$/m);
    assert.match(stopped.stdout, /^not run: lab-dc1-policy$/m);
    assert.deepEqual(await servers(), ["server 192.0.2.10", "server 192.0.2.11"]);
    await npmSucceeds("drift", "--repair");
    await npmSucceeds("up", ...both);
    assert.deepEqual(await servers(), ["server 192.0.2.11", "server 192.0.2.11"]);
  } finally {
    writeFileSync(file, original);
  }
  await npmSucceeds("up", ...both);
  assert.deepEqual(await servers(), ["", ""]);
  assert.match(await npmSucceeds("up", ...both), /hosts: \d+ files, rules and containers are as declared/);
});
