import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { operatorKeyFile } from "../../scripts/lab/keys.ts";
import { labContainers } from "../../scripts/lab/machines.ts";
import { slotsDirectory } from "../../scripts/lab/slots.ts";
import { machineEnds, tracesOf } from "../scripts/lab/lab-on-machine.ts";
import { filesWith } from "../support/lab.ts";
import { cables, docker, hostNamed, lab, npmSucceeds, own } from "./session.ts";

test("a private key is in its own file and nowhere else: no log, no state, no backup, nothing that docker inspect shows", async () => {
  const host = hostNamed("dc1-platform-db1");
  const hostKey = join(lab.directory, "hosts", host.name, "ssh_host_ed25519_key");
  for (const file of [operatorKeyFile(lab.directory), hostKey]) {
    // The lines before hold the format's name and the public half; the last one can be padding alone.
    const needles = readFileSync(file, "utf8")
      .split("\n")
      .slice(3)
      .filter((line) => /^[\w+/]{40,}$/.test(line));
    assert.equal(needles.length, 3, file);
    assert.deepEqual(filesWith(own.home, needles), [file]);
    for (const { id, name } of await labContainers(lab)) {
      const shown = JSON.stringify(await docker.getContainer(id).inspect());
      assert.ok(!needles.some((line) => shown.includes(line)), name);
    }
  }
  const passphrase = readFileSync(join(lab.directory, "passphrase"), "utf8").trim();
  assert.deepEqual(filesWith(own.home, [passphrase]), [join(lab.directory, "passphrase")]);
  assert.ok(readdirSync(join(own.home, "tandem", "logs")).length > 10);
});

test("down leaves nothing of the lab", async () => {
  const pairs = machineEnds(lab);
  assert.equal(pairs.length, cables());
  assert.notDeepEqual(tracesOf(lab, pairs), []);
  await npmSucceeds("lab", "down");
  assert.deepEqual(tracesOf(lab, pairs), []);
  const claim = join(slotsDirectory(), `${lab.slot}.json`);
  assert.ok(!existsSync(claim) || !readFileSync(claim, "utf8").includes(lab.id));
  if (lab.engine === "given") assert.deepEqual(await labContainers(lab), []);
  assert.deepEqual(readdirSync(join(own.home, "tandem", "labs")), []);
  assert.match(await npmSucceeds("lab", "down"), /nothing is there/);
});
