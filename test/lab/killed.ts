import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { leftProcesses, processMark } from "../../scripts/deploy/processes.ts";
import { kill, processesOfRun, type Running } from "../support/lab.ts";
import { until } from "../support/until.ts";
import { wellAgain, withClients, withCore } from "./core/session.ts";
import { toggleChangeOfAllMembers } from "./environment.ts";
import { npmSucceeds, own } from "./session.ts";

/** A run that can be killed. */
export interface Run extends Running {
  readonly mark: string;
}

/** Starts an `up` of some stacks. */
export function begin(...stacks: string[]): Run {
  const run = own.start("scripts/deploy/up.ts", ["--platform", "lab", ...stacks.flatMap((stack) => ["--stack", stack])]);
  return { ...run, mark: processMark(run.pid) ?? "" };
}

/** Runs of a site's core that are killed with all their processes at random moments, while clients write; one `up` after each. */
export function killedRuns(count: number): void {
  test(`${count} changes of the core are killed at random moments: one up after each converges, and no acknowledged write is lost`, async () => {
    await withCore("dc2", async (core) => {
      toggleChangeOfAllMembers();
      const began = performance.now();
      await npmSucceeds("up", "--platform", "lab", "--stack", "lab-dc2");
      const spanMs = performance.now() - began;
      let killed = 0;
      let rounds = 0;
      while (killed < count && rounds < 2 * count) {
        rounds++;
        const moment = Math.floor(Math.random() * spanMs);
        const what = `round ${rounds}, to be killed after ${moment} ms`;
        toggleChangeOfAllMembers();
        await withClients(core, `killed-${rounds}`, async () => {
          const run = begin("lab-dc2");
          await Promise.race([run.ended, delay(moment, undefined, { ref: false })]);
          kill([run.pid]);
          // One that begins while the others are killed is killed next.
          await until("all processes of the run are gone", () => {
            const left = processesOfRun(run.mark);
            kill(left);
            return left.length === 0;
          });
          // One that was over before its moment ended with a code.
          killed += (await run.ended).code === null ? 1 : 0;
          await npmSucceeds("up", "--platform", "lab", "--stack", "lab-dc2");
          await wellAgain(core);
        }).catch((error: unknown) => {
          throw new Error(what, { cause: error });
        });
        assert.match(await npmSucceeds("drift", "--stack", "lab-dc2"), /: no differences\n/, what);
        assert.match(await npmSucceeds("up", "--platform", "lab", "--stack", "lab-dc2"), /nothing to change/, what);
        assert.deepEqual(leftProcesses(`file://${own.directory}/state`), [], what);
        process.stdout.write(`${what}: converged\n`);
      }
      process.stdout.write(`${killed} runs were killed in ${rounds} rounds\n`);
      assert.equal(killed, count);
    });
  });
}
