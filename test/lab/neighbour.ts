import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { labContainers } from "../../scripts/lab/machines.ts";
import { machineEnds, tracesOf } from "../scripts/lab/lab-on-machine.ts";
import { type TestLab, testLab } from "../support/lab.ts";
import { until } from "../support/until.ts";
import { cables, hosts, lab, machineOf, npm, said } from "./session.ts";

/** How far another checkout's lab comes up: its machines take minutes less than all that runs on them. */
const extents = {
  machines: async (other: TestLab): Promise<void> => {
    const start = other.start("scripts/start.ts", []);
    const isThere = async (): Promise<boolean> =>
      existsSync(other.directory) &&
      (await labContainers(other.record())).filter(({ isMachine, state }) => isMachine && state === "running").length === 50;
    await until("its machines run", () => isThere().catch(() => false), 240_000);
    process.kill(start.pid, "SIGINT");
    assert.notEqual((await start.ended).code, 0);
  },
  all: async (other: TestLab): Promise<void> => {
    const start = await other.npm("start");
    assert.equal(start.code, 0, said(start));
    assert.match(start.stdout, /50 of 50 hosts are well/);
  },
};

/** Two checkouts on one machine. */
export function neighbour(extent: keyof typeof extents): void {
  test(`another checkout's lab comes up beside it (${extent}), on a Docker engine that answers, and goes down alone`, async () => {
    const started = (): Promise<string[]> =>
      Promise.all(hosts.map(async (host) => (await machineOf(host).inspect()).State.StartedAt));
    const earlier = { started: await started(), traces: tracesOf(lab, machineEnds(lab)) };
    const other = testLab(lab.dockerHost);
    try {
      await extents[extent](other);
      const its = other.record();
      assert.equal(its.engine, "given");
      assert.equal(its.dockerHost, lab.dockerHost);
      assert.notEqual(its.slot, lab.slot);
      await ownIsWell();

      const pairs = machineEnds(its);
      assert.equal(pairs.length, cables());
      const down = await other.npm("lab", ["down"]);
      assert.equal(down.code, 0, said(down));
      assert.deepEqual(tracesOf(its, pairs), []);
      assert.deepEqual(await labContainers(its), []);
      assert.ok(!existsSync(its.directory));
    } finally {
      other.remove();
    }
    assert.deepEqual({ started: await started(), traces: tracesOf(lab, machineEnds(lab)) }, earlier);
    await ownIsWell();
  });
}

/** Two labs on one machine may hold each other up for a moment. */
const ownIsWell = (): Promise<void> =>
  until("all hosts are well", async () => /50 of 50 hosts are well/.test((await npm("lab", ["status"])).stdout), 180_000);
