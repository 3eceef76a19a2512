import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { statesOf } from "../support/lab.ts";
import { hostNamed, lab, machineName, machineOf, npm, npmSucceeds, on, own, said, sysctlFile } from "./session.ts";

test("drift finds a change by hand, the next up warns and leaves it; a forgotten host is prepared from nothing", async () => {
  assert.match(await npmSucceeds("drift"), /: no differences\n/);
  const edited = hostNamed("dc2-office-gw1");
  await on(edited, `echo 'net.ipv4.ip_forward = 0' | sudo tee -a ${sysctlFile}`);
  const drift = await npm("drift");
  assert.equal(drift.code, 1);
  assert.match(drift.stdout, /: 1 difference\n/);
  assert.ok(drift.stdout.includes(`${edited.name}: file ${sysctlFile}: different\n`), drift.stdout);
  assert.match(drift.stdout, /^\+net\.ipv4\.ip_forward = 0$/m);

  const wrong = await npm("hosts", ["forget", "dc2-office-wk9", "--platform", "lab"]);
  assert.equal(wrong.code, 1);
  assert.match(wrong.stderr, /did you mean "dc2-office-wk1"\?/);

  const forgotten = hostNamed("dc2-office-wk1");
  const { Id } = await machineOf(forgotten).inspect();
  await on(forgotten, "sudo touch /var/lib/tandem/of-the-old-machine");
  const taken = await npmSucceeds("hosts", "forget", forgotten.name, "--platform", "lab");
  assert.match(taken, new RegExp(`lab-dc2-office: taken out:\n[^]*${forgotten.name} is forgotten`));
  // Its certificates are the platform's: they go when the environment file takes it out of service.
  for (const [file, state] of Object.entries(statesOf(lab)).filter(([name]) => !name.includes("trust")))
    assert.doesNotMatch(state, new RegExp(`-${forgotten.name}"`), `${file} holds ${forgotten.name}`);
  const up = await npmSucceeds("up", "--platform", "lab", "--stack", "lab-machines", "--stack", "lab-dc2-office");
  assert.match(up, new RegExp(`container ${machineName(forgotten)} \\(urn:.*\\): in no stack's state; removed`));
  assert.match(up, new RegExp(`warning \\(lab-dc2-office\\): ${edited.name}: ${sysctlFile} was changed by hand`));
  assert.notEqual((await machineOf(forgotten).inspect()).Id, Id);
  assert.equal(await on(forgotten, `head -c 9 ${sysctlFile}; ls /var/lib/tandem`), "# Managedfiles\npacket-filter\nreplaced");

  assert.match(await on(edited, `tail -1 ${sysctlFile}`), /ip_forward = 0/);
  const repair = await npm("drift", ["--repair"]);
  assert.equal(repair.code, 0, said(repair));
  assert.ok(repair.stderr.includes(`${edited.name}: file ${sysctlFile}: repaired\n`), repair.stderr);
  assert.match(repair.stderr, /1 repaired; comparing again/);
  assert.match(repair.stdout, /: no differences\n/);
  assert.doesNotMatch(await on(edited, `tail -1 ${sysctlFile}`), /ip_forward = 0/);
});

test("a backup of all states can be put back", async () => {
  const file = join(own.home, "backup.tar.gz");
  const resources = (): unknown =>
    Object.values(statesOf(lab)).map((text) => {
      const state = JSON.parse(text) as { checkpoint: { latest: { resources: { urn: string; id?: string }[] } } };
      return state.checkpoint.latest.resources.map(({ urn, id }) => [urn, id]);
    });
  const earlier = resources();
  assert.match(await npmSucceeds("state", "backup", "--platform", "lab", "--to", file), /lab: 16 stacks with \d+ resources in /);
  rmSync(join(lab.directory, "state", ".pulumi", "stacks", "tandem", "lab-dc1-office.json"));
  assert.match(await npmSucceeds("state", "restore", file), /lab: 16 stacks restored and compared/);
  assert.deepEqual(resources(), earlier);
  assert.match(await npmSucceeds("drift", "--stack", "lab-dc1-office"), /: no differences\n/);
});
