import assert from "node:assert/strict";
import { test } from "node:test";
import type { Host } from "../../../environments/model/topology.ts";
import { holdersOf } from "../../../scripts/lab/failover/places.ts";
import { now } from "../../../scripts/lab/failover/records.ts";
import { objectRecords } from "../../../scripts/lab/failover/session.ts";
import { labContainers } from "../../../scripts/lab/machines.ts";
import { statesOf } from "../../support/lab.ts";
import { editEnvironment } from "../environment.ts";
import { docker, hostNamed, lab, npmSucceeds } from "../session.ts";
import { longestOutage, query, wellAgain, withClients, withCore, writerOf } from "./session.ts";

/** A fire: the machine is gone, with all that runs on it and all that it stored. */
async function lose(host: Host): Promise<void> {
  const own = (await labContainers(lab)).filter((container) => container.host === host.name);
  await Promise.all(
    own.map(({ id }) =>
      docker
        .getContainer(id)
        .kill()
        .catch(() => {}),
    ),
  );
  for (const { id } of own) await docker.getContainer(id).remove({ force: true, v: true });
  const { Volumes } = await docker.listVolumes({ filters: { label: [`tandem.lab=${lab.id}`, `tandem.host=${host.name}`] } });
  for (const { Name } of Volumes ?? []) await docker.getVolume(Name).remove();
}

/** The stacks that hold something of such a host. */
const concerned = [
  ...["--platform", "lab", "--stack", "lab-machines", "--stack", "lab-trust"],
  ...["--stack", "lab-dc2-platform", "--stack", "lab-dc2"],
];

/** What a client may be without, in seconds, while a host is lost or comes back. */
const patienceSeconds = 15;

test("a database writer, a control-plane host and the VIPs' holder died for good: forgotten, replaced and rejoined by the documented commands", async () => {
  await withCore("dc2", async (core) => {
    await wellAgain(core);
    const writer = await writerOf(core);
    const [holder = ""] = await holdersOf(lab, core.place.balancers, core.place.databaseVip.address);
    const lost = [writer, hostNamed(holder), hostNamed("dc2-platform-cp1")];
    await withClients(core, "lost", async (clients) => {
      const from = now();
      await Promise.all(lost.map(lose));
      const list = lost.map(({ name }) => `${name}: "Burnt, until it is replaced"`).join(", ");
      const restore = editEnvironment(/$/, `\noutOfService: { ${list} }\n`);
      try {
        for (const { name } of lost) await npmSucceeds("hosts", "forget", name, "--platform", "lab");
        for (const [file, state] of Object.entries(statesOf(lab)))
          for (const { name } of lost) assert.doesNotMatch(state, new RegExp(`::[\\w-]*${name}"`), `${file} holds ${name}`);
        await npmSucceeds("up", ...concerned);
        assert.match(await npmSucceeds("up", ...concerned), /nothing to change/);
      } finally {
        restore();
      }
      await npmSucceeds("up", ...concerned);
      await wellAgain(core, 300);
      assert.ok(longestOutage(clients.rows.lines, from) < patienceSeconds, "rows");
      assert.ok(longestOutage(objectRecords(clients), from) < patienceSeconds, "objects");
    });
    assert.match(await query(writer, "SELECT COUNT(*) > 0 FROM kubernetes.kine"), /^1$/);
  });
  assert.match(await npmSucceeds("lab", "status"), /50 of 50 hosts are well/);
  assert.match(await npmSucceeds("drift", "--stack", "lab-dc2", "--stack", "lab-dc2-platform"), /: no differences\n/);
});
