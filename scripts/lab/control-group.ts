import { existsSync, globSync, mkdirSync, rmdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";

/**
 * The control group of a lab's containers. Without one of its own all of them together weigh as much as a single program that runs beside them, and a
 * preview would keep databases and balancers from answering one another for many seconds, which they take for each other's death.
 * https://docs.kernel.org/scheduler/sched-design-CFS.html#group-scheduler-extensions-to-cfs
 */
const nameOf = (runDirectory: string): string => `tandem-${basename(runDirectory)}`;

/** Times the weight that a program has which nobody has given one. */
const weight = 4;
const usualShares = 1024;

const processors = "/sys/fs/cgroup/cpu";

/**
 * Makes it, and says how an engine's containers get into it. Where control groups are of version 2, an engine leaves them to systemd, which weighs
 * its services itself: there the lab has no weight of its own.
 */
export function controlGroupArguments(runDirectory: string): string[] {
  if (!existsSync(join(processors, "cpu.shares"))) return [];
  const group = join(processors, nameOf(runDirectory));
  mkdirSync(group, { recursive: true });
  writeFileSync(join(group, "cpu.shares"), String(weight * usualShares));
  return ["--exec-opt=native.cgroupdriver=cgroupfs", `--cgroup-parent=/${nameOf(runDirectory)}`];
}

/** Takes it away, when nothing runs in it any more. */
export function removeControlGroup(runDirectory: string): void {
  const groups = globSync(`/sys/fs/cgroup/*/${nameOf(runDirectory)}{,/**/}`).sort((a, b) => b.length - a.length);
  for (const group of groups) {
    try {
      rmdirSync(group);
    } catch {
      // A process that is just ending is in it still; a lab that comes up again finds it as it is.
    }
  }
}
