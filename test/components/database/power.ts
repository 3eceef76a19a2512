import { test } from "node:test";
import type { Host } from "../../../environments/model/topology.ts";
import { writeBeginning } from "./configuration.ts";
import { assertComplete, assertNoHoles, makeEntries, untilWritten, write } from "./entries.ts";
import * as it from "./nodes.ts";
import { db1, db2, db3, logged, nodes, start } from "./session.ts";

test("all nodes killed at once: they come back without a person and without a bootstrap, with every acknowledged row on every node", () =>
  logged(async () => {
    await makeEntries(db1);
    const writer = write(db1);
    await untilWritten(300);
    await it.killAll(nodes, nodes.cluster.members);
    await writer.ended;
    await it.untilHealthy(...nodes.cluster.members);
    await assertComplete();
  }));

test("the writer moves, and leaves out no number but one that a killed server had given", () =>
  logged(async () => {
    const writer = write(db2);
    await untilWritten(100);
    await it.signalServer(nodes, db2, "KILL");
    await writer.ended;
    const next = write(db3);
    await untilWritten(100);
    await it.untilHealthy(...nodes.cluster.members);
    await it.killAll(nodes, nodes.cluster.members);
    await next.ended;
    await it.untilHealthy(...nodes.cluster.members);
    await assertComplete();
    await assertNoHoles(db3);
  }));

test("after a crash of all, the cluster goes on from the latest data: a node that died before the others begins nothing, and takes what it missed", () =>
  logged(async () => {
    const [behind, ...others] = nodes.cluster.members as [Host, Host, Host];
    await it.containerOf(nodes, behind).kill();
    const writing = write(others[0]);
    await untilWritten(100);
    await Promise.all(others.map((host) => it.containerOf(nodes, host).kill()));
    await writing.ended;
    await start(behind);
    await it.untilSays(behind, /^waits for its peers/);
    await start(...others);
    await it.untilHealthy(...nodes.cluster.members);
    await assertComplete();
  }));

test("after a crash of all, nodes that miss one of them wait, say what decides, and go on when it is back", () =>
  logged(async () => {
    await Promise.all(nodes.cluster.members.map((host) => it.containerOf(nodes, host).kill()));
    await start(db1, db2);
    for (const host of [db1, db2]) await it.untilSays(host, /^waits for its peers with data until \S+:\d+\. If one .* is lost/);
    await start(db3);
    await it.untilHealthy(...nodes.cluster.members);
    await assertComplete();
  }));

test("a person's word lets a node go on without the one that is missing, which then follows", () =>
  logged(async () => {
    await Promise.all(nodes.cluster.members.map((host) => it.containerOf(nodes, host).kill()));
    await start(db1, db2);
    await it.untilSays(db2, /^waits for its peers/);
    const [, position = ""] = /data until (\S+:\d+)\./.exec((await it.health(db2)).reason) ?? [];
    writeBeginning(nodes, db2, position);
    await it.untilHealthy(db1, db2);
    await start(db3);
    await it.untilHealthy(...nodes.cluster.members);
    await assertComplete();
  }));

test("stopped one after the other, the last one begins again when a majority is there", () =>
  logged(async () => {
    for (const host of [db1, db2, db3]) await it.containerOf(nodes, host).stop({ t: 30 });
    await start(db1);
    await it.untilSays(db1, /^waits for its peers/);
    await start(db3);
    await it.untilHealthy(db1, db3);
    await start(db2);
    await it.untilHealthy(db2);
    await assertComplete();
  }));

test("a node that was replaced by an empty one gets all data from the others, also where the cluster once began", () =>
  logged(async () => {
    const writer = await it.untilOneWriter(nodes);
    await it.containerOf(nodes, db1).stop({ t: 60 });
    await it.removeNode(nodes, db1);
    await it.makeNode(nodes, db1);
    const [at] = [writer, db2, db3].filter(({ name }) => name !== db1.name) as [Host];
    const writing = write(at);
    await start(db1);
    await it.untilHealthy(db1);
    await untilWritten(50);
    await it.containerOf(nodes, at).kill();
    await writing.ended;
    await start(at);
    await it.untilHealthy(...nodes.cluster.members);
    await assertComplete();
  }));
