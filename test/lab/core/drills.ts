import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { outageOf } from "../../../environments/model/outages.ts";
import { type Case, cases } from "../../../scripts/lab/failover/cases.ts";
import { drillCase } from "../../../scripts/lab/failover/drill-case.ts";
import { clientLines, missed, missedWhateverItTook } from "../../../scripts/lab/failover/results.ts";
import type { Session } from "../../../scripts/lab/failover/session.ts";
import { wellAgain, withCore } from "./session.ts";

/** What `npm test` has time for: a process, a host, a whole tier. `npm run test:lab` drills all cases. */
const shortForm = ["kill-writer", "power-all-databases", "power-gateway-holder"];

/** Drills cases on a site while clients write: nothing acknowledged is lost, nothing differs, there are never two writers, and all heals. */
export function drills(site: string, form: "short" | "long"): void {
  for (const one of cases.filter(({ name }) => form === "long" || shortForm.includes(name)))
    test(`${one.what}: no acknowledged write is lost, and all heals`, (t) => withCore(site, (core) => drilled(core, one, t)));
}

/** Drills one case, and says how long clients were without service. */
export async function drilled(core: Session, one: Case, t: TestContext): Promise<void> {
  const { availability, timings } = core.topology;
  const run = await drillCase(core, one, `${one.name}-${availability}-${process.pid}`, () => {});
  const outage = one.failure && outageOf(one.failure, timings);
  const result = { case: one, outage, runs: [run] };
  // How long it took depends on what else the machine does: said, and judged by the drill itself.
  for (const { client, predicted, observed } of clientLines(result))
    t.diagnostic(`${client}: predicted ${predicted?.toFixed(1) ?? "nothing"}, seen ${observed?.toFixed(1) ?? "nothing"}`);
  for (const words of missed(result, availability)) t.diagnostic(words);
  assert.deepEqual(missedWhateverItTook(result), []);
  await wellAgain(core);
}
