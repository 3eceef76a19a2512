import { test } from "node:test";
import { timingsOf } from "../../../environments/model/timings.ts";
import { cases } from "../../../scripts/lab/failover/cases.ts";
import type { Session } from "../../../scripts/lab/failover/session.ts";
import { editEnvironment } from "../environment.ts";
import { npmSucceeds } from "../session.ts";
import { drilled } from "./drills.ts";
import { oneAtATime } from "./one-at-a-time.ts";
import { withCore } from "./session.ts";

// The lab is in mode fast. Here a site's core goes to norm and back, and what is rendered for it is run.

const drilledInNorm = ["kill-writer", "hang-writer", "hang-haproxy", "power-balancer", "power-control-plane"];
const up = async (): Promise<void> =>
  void (await npmSucceeds("up", "--platform", "lab", "--stack", "lab-dc2-platform", "--stack", "lab-dc2"));
/** As the site is from its first node in that mode on to its last one. */
const inNorm = (core: Session): Session => ({
  ...core,
  topology: { ...core.topology, availability: "norm", timings: timingsOf("norm") },
});
let restore: (() => void) | undefined;

test("a core goes to mode norm one node after the other, under clients that write", () =>
  withCore("dc2", async (core) => {
    restore = editEnvironment("availability: fast\n", "availability: norm\n");
    await oneAtATime(inNorm(core), "norm", up);
  }));

for (const one of cases.filter(({ name }) => drilledInNorm.includes(name)))
  test(`in mode norm, ${one.what}: no acknowledged write is lost, and all heals`, (t) =>
    withCore("dc2", (core) => drilled(inNorm(core), one, t)));

test("the core goes back to mode fast", () =>
  withCore("dc2", async (core) => {
    restore?.();
    await oneAtATime(inNorm(core), "fast-again", up);
  }));
