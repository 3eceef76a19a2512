import assert from "node:assert/strict";
import { test } from "node:test";
import { kill } from "../support/lab.ts";
import { until } from "../support/until.ts";
import { attacker, changes } from "./attacker.ts";
import { hostNamed, npm, npmSucceeds, on, own, said } from "./session.ts";

test("a hole in one host's rules is a leak that the proof names", async () => {
  const host = hostNamed("dc1-platform-nas1");
  await on(host, "sudo -n nft insert rule inet tandem input accept");
  try {
    const found = await npm("lab", ["isolation", "--site", "dc1"]);
    assert.equal(found.code, 1, said(found));
    assert.match(
      found.stdout,
      /^LEAK: dc1-\S+ to dc1-platform-nas1 .*: it came in at dc1-platform-nas1; .*what no row permits is dropped$/m,
    );
  } finally {
    await npmSucceeds("drift", "--stack", "lab-dc1-platform", "--repair");
  }
});

test("what a killed proof left, the next one removes; it finds nothing in a host that was repaired", async () => {
  const run = own.start("scripts/lab/index.ts", ["isolation", "--site", "dc1"]);
  try {
    await until(
      "the proof has changed its attackers",
      async () => /isolation[\s\S]*proto 85/.test(await changes(attacker)),
      120_000,
    );
  } finally {
    kill([run.pid]);
  }
  await run.ended;
  assert.notEqual(await changes(attacker), "");
  const next = await npm("lab", ["isolation", "--site", "dc1"]);
  assert.equal(next.code, 0, said(next));
  assert.equal(await changes(attacker), "");
});

test("packets sent over SSH find a hole in one zone's gateways, though those of the next zone stop what comes through, and nothing else", async () => {
  const verify = ["verify", "--platform", "lab", "--site", "dc1", "--seed", "0"];
  const pierced = [1, 2].map((number) => hostNamed(`dc1-internet-gw${number}`));
  for (const host of pierced) await on(host, "sudo -n nft insert rule inet tandem forward accept");
  try {
    const found = await npm("flows", verify);
    assert.equal(found.code, 1, said(found));
    assert.match(found.stdout, / 0 missing, 0 untried/);
    const leaks = found.stdout.split("\n").filter((line) => line.startsWith("LEAK: "));
    // Every host of the platform's zone is tried from every other zone; one behind the gateways is met by what these let through, not by what is theirs.
    assert.ok(
      leaks.some((leak) => /to dc1-platform-(cp|db|lb)\d .*; only the rules of dc1-platform-gw\d stopped it/.test(leak)),
      said(found),
    );
    for (const leak of leaks) assert.match(leak, /^LEAK: dc1-internet-wk1 to .*: it got out of its zone; only the rules of /);
  } finally {
    await npmSucceeds("drift", "--stack", "lab-dc1-internet", "--repair");
  }
  assert.equal((await npm("flows", verify)).code, 0);
});
