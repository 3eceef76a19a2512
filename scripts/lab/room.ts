import type { Step } from "../console/steps.ts";
import { readLab } from "./instance.ts";
import { checkMachine, hasProcessorsFor } from "./preflight.ts";
import { whileResting } from "./rest.ts";
import { isRunning } from "./slots.ts";
import { withLabLock } from "./up.ts";

// Room for the lab that tests bring up.

/** Comes before an hour of tests is spent. */
export const roomStep: Step = {
  title: "the machine: labs that killed runs left, room for the tests' own",
  run: async () => {
    const { removeLeftLabs } = await import("../../test/support/lab.ts");
    removeLeftLabs();
    return await checkMachine("another");
  },
};

/** Where the machine is too small for both, this checkout's own lab rests meanwhile. */
export async function withRoom(work: () => Promise<void>): Promise<void> {
  const lab = readLab();
  if (!lab || !isRunning(lab) || hasProcessorsFor(2)) return await work();
  process.stdout.write(`lab ${lab.id} rests meanwhile: this machine has too few processors for it and the tests' own\n`);
  await withLabLock("npm test, for which the lab rests", () => whileResting(lab, work));
  process.stdout.write(`lab ${lab.id} goes on\n`);
}
