import { test } from "node:test";
import { timingsOf } from "../../../environments/model/timings.ts";
import { cases } from "../../../scripts/lab/failover/cases.ts";
import type { Session } from "../../../scripts/lab/failover/session.ts";
import { editEnvironment } from "../environment.ts";
import { npmSucceeds } from "../session.ts";
import { drilled } from "./drills.ts";
import { oneAtATime } from "./one-at-a-time.ts";
import { withCore } from "./session.ts";

// The lab is in mode fast. Here its core goes to the other modes and back, and what is rendered for them is run.

const drilledInEach = ["kill-writer", "hang-writer", "hang-haproxy", "power-balancer", "power-control-plane"];
const up = async (): Promise<void> =>
  void (await npmSucceeds("up", "--platform", "lab", "--stack", "lab-dc2-platform", "--stack", "lab-dc2"));

for (const mode of ["norm", "safe"] as const) {
  let restore: (() => void) | undefined;
  /** As the site is from the mode's first node on to its last one. */
  const inMode = (core: Session): Session => ({
    ...core,
    topology: { ...core.topology, availability: mode, timings: timingsOf(mode) },
  });

  test(`the core goes to mode ${mode} one node after the other, under clients that write`, () =>
    withCore("dc2", async (core) => {
      restore = editEnvironment("availability: fast\n", `availability: ${mode}\n`);
      await oneAtATime(inMode(core), mode, up);
    }));

  for (const one of cases.filter(({ name }) => drilledInEach.includes(name)))
    test(`in mode ${mode}, ${one.what}: no acknowledged write is lost, and all heals`, (t) =>
      withCore("dc2", (core) => drilled(inMode(core), one, t)));

  test(`the core goes back from mode ${mode}`, () =>
    withCore("dc2", async (core) => {
      restore?.();
      await oneAtATime(inMode(core), `after-${mode}`, up);
    }));
}
