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
