import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { kill } from "../support/lab.ts";
import { until } from "../support/until.ts";
import { hostNamed, lab, npm, npmSucceeds, on, own, said } from "./session.ts";

/** What a proof changes on a host that attacks. */
const changes = async (name: string): Promise<string> =>
  on(
    hostNamed(name),
    "sudo -n nft list tables | grep isolation; ip rule | grep 'proto 85'; ip route show table all proto 85; ip neigh show nud permanent; " +
      "cat /proc/sys/net/ipv6/conf/eth*/disable_ipv6 2>/dev/null | grep -v 1; true",
  );

/** The only host of its zone that is no gateway: every proof attacks from it. */
const attacker = "dc1-internet-wk1";

test("real packets pass and die as the table says, whoever sends them and however; the proof leaves nothing", async () => {
  const outcome = await npm("lab", ["isolation"]);
  assert.equal(outcome.code, 0, said(outcome));
  assert.match(outcome.stdout, /^seed \d+$/m);
  assert.match(outcome.stdout, /0 leaks, 0 missing, 0 untried/);
  assert.doesNotMatch(outcome.stdout, /not tried/);
  assert.equal(await changes(attacker), "");
  const directory = join(lab.directory, "isolation");
  const [file = ""] = readdirSync(directory);
  assert.match(readFileSync(join(directory, file), "utf8"), /^# Isolation of the zones\n[\s\S]*## Findings\n\nNone\.\n/);
});

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
