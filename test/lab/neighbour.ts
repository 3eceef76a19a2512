import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { labContainers } from "../../scripts/lab/machines.ts";
import { machineEnds, tracesOf } from "../scripts/lab/lab-on-machine.ts";
import { testLab } from "../support/lab.ts";
import { until } from "../support/until.ts";
import { cables, hosts, lab, machineOf, npm, said } from "./session.ts";

// Two checkouts on one machine.

test("another checkout's lab comes up beside it, on a Docker engine that answers, and goes down alone", async () => {
  const started = (): Promise<string[]> =>
    Promise.all(hosts.map(async (host) => (await machineOf(host).inspect()).State.StartedAt));
  const earlier = { started: await started(), traces: tracesOf(lab, machineEnds(lab)) };
  const other = testLab(lab.dockerHost);
  try {
    const start = await other.npm("start");
    assert.equal(start.code, 0, said(start));
    assert.match(start.stdout, /50 of 50 hosts are well/);
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

/** Two labs on one machine may hold each other up for a moment. */
const ownIsWell = (): Promise<void> =>
  until("all hosts are well", async () => /50 of 50 hosts are well/.test((await npm("lab", ["status"])).stdout), 180_000);
