import assert from "node:assert/strict";
import { test } from "node:test";
import { hostNamed, npm, npmSucceeds, on, sysctlFile } from "./session.ts";

const timeFile = "/etc/chrony/conf.d/60-tandem.conf";

test("a stack that was destroyed is made anew, and destroying it leaves its hosts without our files; its network logs have to be given up first", async () => {
  const destroy = ["destroy", "--yes", "--skip-preview", "--stack", "lab-dc2-policy"];
  const kept = await npm("pulumi", destroy);
  assert.notEqual(kept.code, 0);
  assert.match(`${kept.stdout}${kept.stderr}`, /dropped-log-dc2-policy-gw1.*because it is protected/s);
  await npmSucceeds("pulumi", "state", "unprotect", "--all", "--yes", "--stack", "lab-dc2-policy");
  await npmSucceeds("pulumi", ...destroy);
  const host = hostNamed("dc2-policy-wk1");
  assert.equal(await on(host, `ls ${sysctlFile} ${timeFile} 2>/dev/null; ls /var/lib/tandem/files`), "");
  await npmSucceeds("up", "--platform", "lab", "--stack", "lab-dc2-policy");
  assert.match(await npmSucceeds("drift"), /: no differences\n/);
});
