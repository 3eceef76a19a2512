import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { leftProcesses, processMark } from "../../scripts/deploy/processes.ts";
import { labContainers } from "../../scripts/lab/machines.ts";
import { engineOfRun, kill, processesOfRun, statesOf } from "../support/lab.ts";
import { until } from "../support/until.ts";
import { begin, type Run } from "./killed.ts";
import { hosts, lab, machineName, machineOf, npm, npmSucceeds, on, said, sysctlFile } from "./session.ts";

/** Waits for a moment in the middle of a run; a run that ends before it has failed. */
const during = (run: Run, what: string, holds: () => boolean | Promise<boolean>): Promise<void> =>
  until(
    what,
    async () => {
      if (processMark(run.pid) === undefined) throw new Error(`it ended before ${what}: ${said(await run.ended)}`);
      return await holds();
    },
    180_000,
  );

test("containers removed by hand are found by drift, and the next run makes them anew also after three runs were killed", async () => {
  const gone = hosts.filter((host) => host.site === "dc1" && host.zone === "policy");
  for (const host of gone) await machineOf(host).remove({ force: true });
  const drift = await npm("drift");
  assert.equal(drift.code, 1, said(drift));
  for (const host of gone) assert.ok(drift.stdout.includes(`container ${machineName(host)}: different\n`), drift.stdout);

  // Everything at once, as when the operator's machine loses power.
  const all = begin("lab-machines", "lab-dc1-policy");
  const names = gone.map(machineName);
  await during(all, "a machine is made", async () => (await labContainers(lab)).some(({ name }) => names.includes(name)));
  const processes = processesOfRun(all.mark);
  assert.ok(processes.length >= 2, "the engine and its plugins run");
  kill([all.pid, ...processes]);
  await all.ended;

  // The command alone: its engine is told and ends by itself.
  const command = begin("lab-machines", "lab-dc1-policy");
  await during(command, "the engine runs", () => engineOfRun(command.mark, "lab-machines") !== undefined);
  kill([command.pid]);
  const second = await command.ended;
  assert.match(second.stdout, /lab-machines: the lock of process \d+, which is dead, is cleared/);
  assert.match(second.stdout, /was cut by a kill; cleared|in no stack's state; removed/);

  // The engine alone: its command says what is done, what is not and how to go on.
  const runner = begin("lab-machines", "lab-dc1-policy");
  const policy = (): string => statesOf(lab)["tandem/lab-dc1-policy.json"] ?? "";
  const earlier = policy();
  const engine = (): number | undefined => engineOfRun(runner.mark, "lab-dc1-policy");
  await during(runner, "hosts are half prepared", () => engine() !== undefined && policy() !== earlier);
  kill([engine() ?? 0].filter(Boolean));
  const third = await runner.ended;
  assert.equal(third.code, 1, said(third));
  assert.match(third.stdout, /failed: lab-dc1-policy\n/);
  assert.match(third.stdout, /to go on: mend the cause, then run again: npm run up -- --platform lab/);

  const last = await begin("lab-machines", "lab-dc1-policy").ended;
  assert.equal(last.code, 0, said(last));
  assert.match(last.stdout, /lab-dc1-policy: the lock of process \d+, which is dead, is cleared/);
  const isWell = async (): Promise<boolean> => /50 of 50 hosts are well/.test((await npm("lab", ["status"])).stdout);
  await until("all hosts are well", isWell, 120_000);
  for (const host of gone) assert.match(await on(host, `cat ${sysctlFile}`), /Managed by Tandem/);
  assert.match(await npmSucceeds("drift"), /: no differences\n/);
  assert.equal((await labContainers(lab)).filter(({ isMachine }) => isMachine).length, 50);
  assert.deepEqual(leftProcesses(`file://${join(lab.directory, "state")}`), []);
  for (const { mark } of [all, command, runner]) assert.deepEqual(processesOfRun(mark), []);
});
