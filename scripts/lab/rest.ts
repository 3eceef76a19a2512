import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type Docker from "dockerode";
import pLimit from "p-limit";
import { writeWhole } from "../console/files.ts";
import { isLiveRun, processMark } from "../console/run-mark.ts";
import { clientOf } from "./daemon.ts";
import type { Lab } from "./instance.ts";
import { type LabContainer, labContainers } from "./machines.ts";

// A lab that rests has all its memory, addresses and data, and gets no processor time: its containers are frozen.

/** Names the run that it rests for. */
const markFile = (directory: string): string => join(directory, "rests");

/** Whether the lab in a directory rests for a run that is still there. */
export const isResting = (directory: string): boolean =>
  existsSync(markFile(directory)) && isLiveRun(readFileSync(markFile(directory), "utf8"));

/** Lets the lab rest while something else needs the processors. Of a run that was killed meanwhile, the next `up` wakes it. */
export async function whileResting<T>(lab: Lab, work: () => Promise<T>): Promise<T> {
  writeWhole(markFile(lab.directory), processMark(process.pid) ?? "");
  // Whoever interrupts twice leaves at once.
  const leave = (): void => void process.stderr.write(`lab ${lab.id} rests still; "npm start" wakes it\n`);
  process.once("exit", leave);
  try {
    await onEach(lab, "running", (container) => container.pause());
    return await work();
  } finally {
    await wake(lab);
    process.off("exit", leave);
  }
}

/** Returns how many containers were frozen. */
export async function wake(lab: Lab): Promise<number> {
  const woken = await onEach(lab, "paused", (container) => container.unpause());
  rmSync(markFile(lab.directory), { force: true });
  return woken;
}

async function onEach(
  lab: Lab,
  state: LabContainer["state"],
  work: (container: Docker.Container) => Promise<unknown>,
): Promise<number> {
  const docker = clientOf(lab.dockerHost);
  const limit = pLimit(16);
  const chosen = (await labContainers(lab)).filter((container) => container.state === state);
  await Promise.all(chosen.map(({ id }) => limit(() => work(docker.getContainer(id)))));
  return chosen.length;
}
