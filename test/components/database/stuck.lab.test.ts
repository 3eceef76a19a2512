import "./made.ts";
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { stuckSeconds } from "../../../components/database/peers.render.ts";
import type { Host } from "../../../environments/model/topology.ts";
import { until } from "../../support/until.ts";
import { assertComplete, makeEntries } from "./entries.ts";
import * as it from "./nodes.ts";
import { db1, db2, db3, logged, nodes, start } from "./session.ts";

// What Galera itself does not get over: a node without data is being filled, and whoever fills it is cut off.

const processOf = async (host: Host): Promise<number> => (await it.containerOf(nodes, host).inspect()).State.Pid;

const setLink = (process: number, to: "up" | "down"): void => {
  execFileSync("nsenter", ["--net", `--target=${process}`, "ip", "link", "set", "eth0", to]);
};

/** Shell: sends a signal to the program that reads a donor's data, if it runs. */
const signalled = (name: "STOP" | "KILL"): string => `for comm in /proc/[0-9]*/comm; do
  { read -r program < "$comm"; } 2>/dev/null || continue
  [ "$program" != mariadb-backup ] || { pid=\${comm%/comm}; kill -${name} "\${pid##*/}"; exit; }
done`;

/** Replaces the first node by an empty one, and holds up the transfer to it. */
async function fillAndHoldUp(): Promise<{ donor: Host; other: Host }> {
  await it.containerOf(nodes, db1).stop({ t: 60 });
  await it.removeNode(nodes, db1);
  await it.makeNode(nodes, db1);
  await start(db1);
  const gives = async (host: Host): Promise<boolean> => (await it.health(host)).reason === "gives its data to another node";
  let pair: { donor: Host; other: Host } | undefined;
  await until(
    "a node is the donor",
    async () => {
      if (await gives(db2)) pair = { donor: db2, other: db3 };
      else if (await gives(db3)) pair = { donor: db3, other: db2 };
      return pair !== undefined;
    },
    60_000,
  );
  assert.ok(pair);
  // It waits for ten seconds before it reads.
  const held = `while :; do ${signalled("STOP")}; sleep 0.05; done`;
  const { code, output } = await it.run(nodes, pair.donor, ["timeout", "60", "sh", "-c", held]);
  assert.equal(code, 0, `no transfer from ${pair.donor.name} runs: ${output}`);
  return pair;
}

/** The agents take their time, and a node's new start after. */
const patience = (): number => 3 * stuckSeconds(nodes.cluster) + 120;

const untilWhole = async (): Promise<void> => {
  await it.untilHealthyWithin(patience(), ...nodes.cluster.members);
  await assertComplete();
};

test("a node that serves nobody and is not at work leaves where the others go on, and comes back", () =>
  logged(async () => {
    const writer = await it.untilOneWriter(nodes);
    await makeEntries(writer);
    const [reader] = nodes.cluster.members.filter(({ name }) => name !== writer.name) as [Host];
    // To the cluster a node whose tables are locked is a donor.
    const locked = it.run(nodes, reader, [...it.client, "--execute=FLUSH TABLES WITH READ LOCK; DO SLEEP(600)"]);
    await it.untilSays(reader, /^gives its data to another node$/);
    await locked;
    await untilWhole();
    assert.deepEqual(await it.writers(nodes), [writer.name]);
    assert.match(await it.logOf(nodes, reader), /tandem: leaves the cluster: gives its data to another node, and is not at work/);
  }));

test("where nobody can fill anybody because the donor was cut off, and the third server hangs for good, the cluster goes on from the latest data", () =>
  logged(async () => {
    const { donor, other } = await fillAndHoldUp();
    const [cut, receiver] = [await processOf(donor), await processOf(db1)];
    setLink(cut, "down");
    process.kill(receiver, "SIGKILL");
    await until("the donor is cut off", async () =>
      (await it.sql(nodes, donor, "SHOW STATUS LIKE 'wsrep_cluster_status'")).includes("non-Primary"),
    );
    await it.run(nodes, donor, ["sh", "-c", signalled("KILL")]);
    await it.signalServer(nodes, other, "STOP");
    setLink(cut, "up");
    await untilWhole();
  }));
