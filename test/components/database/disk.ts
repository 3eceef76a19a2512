import assert from "node:assert/strict";
import { test } from "node:test";
import { databasePaths, freeMib, spareMib } from "../../../components/database/cluster.render.ts";
import { labNames } from "../../../environments/model/lab.ts";
import { serviceAccount } from "../../../environments/model/service-account.ts";
import { until } from "../../support/until.ts";
import { assertComplete, untilWritten, write } from "./entries.ts";
import * as it from "./nodes.ts";
import { db1, db2, db3, logged, nodes, start } from "./session.ts";

// A disk of its own for one node, which really is full: a file system in memory, which a second container keeps while the node restarts.

const keeper = (): string => `${labNames.container(nodes.lab.id, db3.name)}-keeper`;
const filler = `${databasePaths.data}/filler`;
const inKeeper = (script: string): Promise<it.Said> =>
  it.runIn(nodes.docker.getContainer(keeper()), ["sh", "-c", script], "root");

async function moveToSmallDisk(): Promise<void> {
  const { docker, lab, image } = nodes;
  await it.containerOf(nodes, db3).stop({ t: 60 });
  await it.removeNode(nodes, db3);
  await docker.createVolume({
    Name: it.volumeOf(nodes, db3),
    Driver: "local",
    DriverOpts: { type: "tmpfs", device: "tmpfs", o: `size=1g,mode=0750,uid=${serviceAccount.id},gid=${serviceAccount.id}` },
    Labels: { "tandem.lab": lab.id },
  });
  const container = await docker.createContainer({
    name: keeper(),
    Image: image,
    Cmd: ["sleep", "infinity"],
    Labels: { "tandem.lab": lab.id },
    HostConfig: { NetworkMode: "none", Binds: [`${it.volumeOf(nodes, db3)}:${databasePaths.data}`] },
  });
  await container.start();
  // What lies in a file system in memory counts as the node's.
  await it.makeNode(nodes, db3, 0);
}

test("a writer whose disk is full goes on while nobody else could, then leaves the cluster in time, and comes back when there is room", () =>
  logged(async () => {
    await moveToSmallDisk();
    await start(db3);
    await it.untilHealthy(db3);
    for (const host of [db1, db2]) await it.containerOf(nodes, host).stop({ t: 60 });
    await start(db1);
    await it.untilHealthy(db1);
    assert.deepEqual(await it.writers(nodes), [db3.name]);

    const writer = write(db3);
    await inKeeper(`dd if=/dev/zero of=${filler} bs=1M count=$((${freeMib} - ${Math.floor(spareMib(nodes.cluster) / 2)}))`);
    await it.untilSays(db3, /^less than \d+ MiB are free on its disk$/);
    await untilWritten(20);
    assert.deepEqual(await it.writers(nodes), [db3.name]);

    await start(db2);
    // First the node that is back takes in what it missed.
    const waits = async (): Promise<boolean> => /^waits until \d+ MiB are free on its disk$/.test((await it.health(db3)).reason);
    await until("the full node leaves", waits, 180_000);
    await writer.ended;
    await it.untilHealthy(db1, db2);
    const next = await it.untilOneWriter(nodes);
    assert.notEqual(next.name, db3.name);
    const writing = write(next);
    await untilWritten(20);

    await inKeeper(`rm ${filler}`);
    await it.untilHealthy(db3);
    await it.signalServer(nodes, next, "KILL");
    await writing.ended;
    await it.untilHealthy(...nodes.cluster.members);
    await assertComplete();
  }));
