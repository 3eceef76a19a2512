import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { labContainers } from "../../scripts/lab/machines.ts";
import { machineEnds, tracesOf } from "../scripts/lab/lab-on-machine.ts";
import { type TestLab, testLab } from "../support/lab.ts";
import { until } from "../support/until.ts";
import { cables, hosts, lab, machineOf, npm, said } from "./session.ts";

// Two checkouts on one machine.

/** All machines of both sites, and what runs in the platform's own zones: two processors are too few for two sites more with databases and clusters. */
const stacks = ["lab-machines", "lab-trust", "lab-dc2-platform", "lab-dc1-platform"];

test("another checkout's machines come up beside the lab, on a Docker engine that answers, and go down alone", async () => {
  const started = (): Promise<string[]> =>
    Promise.all(hosts.map(async (host) => (await machineOf(host).inspect()).State.StartedAt));
  // What looks after a lab that lives runs commands for a moment each; that its Docker engine is still the same is seen by its machines.
  const traces = (): string[] => tracesOf(lab, machineEnds(lab)).filter((trace) => !trace.startsWith("process "));
  const earlier = { started: await started(), traces: traces() };
  const other = testLab(lab.dockerHost);
  try {
    await succeeds(other, "lab", "up", ...stacks.flatMap((stack) => ["--stack", stack]));
    const its = other.record();
    assert.equal(its.engine, "given");
    assert.equal(its.dockerHost, lab.dockerHost);
    assert.notEqual(its.slot, lab.slot);
    const pairs = machineEnds(its);
    assert.equal(pairs.length, cables());
    for (const stack of stacks) assert.match(await succeeds(other, "drift", "--stack", stack), /: no differences\n/);
    assert.match(await succeeds(other, "lab", "ssh", "dc1-platform-db1", "--", "hostname"), /^dc1-platform-db1$/m);
    await ownIsWell();

    await succeeds(other, "lab", "down");
    assert.deepEqual(tracesOf(its, pairs), []);
    assert.deepEqual(await labContainers(its), []);
    assert.ok(!existsSync(its.directory));
  } finally {
    other.remove();
  }
  assert.deepEqual({ started: await started(), traces: traces() }, earlier);
  await ownIsWell();
});

async function succeeds(other: TestLab, command: string, ...args: string[]): Promise<string> {
  const outcome = await other.npm(command, args);
  assert.equal(outcome.code, 0, `${command} ${args.join(" ")}: ${said(outcome)}`);
  return outcome.stdout;
}

/** Two labs on one machine may hold each other up for a moment. */
const ownIsWell = (): Promise<void> =>
  until("all hosts are well", async () => /50 of 50 hosts are well/.test((await npm("lab", ["status"])).stdout), 180_000);
