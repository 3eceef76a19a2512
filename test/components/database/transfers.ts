import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { stuckSeconds } from "../../../components/database/peers.render.ts";
import type { Host } from "../../../environments/model/topology.ts";
import { until } from "../../support/until.ts";
import { assertComplete } from "./entries.ts";
import * as it from "./nodes.ts";
import { db1, db2, db3, logged, nodes, start } from "./session.ts";

// What Galera itself does not get over: a node without data is being filled, and whoever fills it is cut off.

const processOf = async (host: Host): Promise<number> => (await it.containerOf(nodes, host).inspect()).State.Pid;

const setLink = (process: number, to: "up" | "down"): void => {
  execFileSync("nsenter", ["--net", `--target=${process}`, "ip", "link", "set", "eth0", to]);
};

/** Sends a signal to the program that reads a donor's data, once it runs: the donor waits for ten seconds before. */
async function signalTransfer(donor: Host, name: "STOP" | "KILL"): Promise<void> {
  const script = `while :; do
    for comm in /proc/[0-9]*/comm; do
      { read -r program < "$comm"; } 2>/dev/null || continue
      [ "$program" != mariadb-backup ] || { pid=\${comm%/comm}; kill -${name} "\${pid##*/}"; exit; }
    done
    sleep 0.05
  done`;
  const { code, output } = await it.run(nodes, donor, ["timeout", "60", "sh", "-c", script]);
  assert.equal(code, 0, `no transfer from ${donor.name} runs: ${output}`);
}

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
  await signalTransfer(pair.donor, "STOP");
  return pair;
}

/** How long the agents take, and a node's new start after. */
const patience = (): number => (3 * stuckSeconds(nodes.cluster) + 120) * 1000;

const untilWhole = async (): Promise<void> => {
  const healthy = async (host: Host): Promise<boolean> => (await it.health(host)).status === 200;
  await until(
    "all nodes are healthy",
    async () => (await Promise.all(nodes.cluster.members.map(healthy))).every(Boolean),
    patience(),
  );
  await assertComplete();
};

test("a donor whose receiver dies while it is cut off does not stay one", () =>
  logged(async () => {
    const { donor } = await fillAndHoldUp();
    const [cut, receiver] = [await processOf(donor), await processOf(db1)];
    setLink(cut, "down");
    process.kill(receiver, "SIGKILL");
    await until("the donor is cut off", async () =>
      (await it.sql(nodes, donor, "SHOW STATUS LIKE 'wsrep_cluster_status'")).includes("non-Primary"),
    );
    await signalTransfer(donor, "KILL");
    setLink(cut, "up");
    await untilWhole();
  }));

test("nodes whose last component had one in it that died without data find each other again", () =>
  logged(async () => {
    const { donor, other } = await fillAndHoldUp();
    const [cut, receiver] = [await processOf(donor), await processOf(db1)];
    setLink(cut, "down");
    await until("the others have gone on without the donor", async () => {
      const status = await it.sql(nodes, other, "SHOW STATUS LIKE 'wsrep_cluster_%'");
      return status.includes("wsrep_cluster_size\t2") && status.includes("wsrep_cluster_status\tPrimary");
    });
    process.kill(receiver, "SIGKILL");
    await signalTransfer(donor, "KILL");
    setLink(cut, "up");
    await untilWhole();
  }));

test("where nobody can fill anybody, and one server hangs for good, the cluster goes on from the latest data", () =>
  logged(async () => {
    const { donor, other } = await fillAndHoldUp();
    const [cut, receiver] = [await processOf(donor), await processOf(db1)];
    setLink(cut, "down");
    process.kill(receiver, "SIGKILL");
    await until("the donor is cut off", async () =>
      (await it.sql(nodes, donor, "SHOW STATUS LIKE 'wsrep_cluster_status'")).includes("non-Primary"),
    );
    await signalTransfer(donor, "KILL");
    await it.signalServer(nodes, other, "STOP");
    setLink(cut, "up");
    await untilWhole();
  }));
