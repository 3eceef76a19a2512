import { existsSync, readFileSync, statfsSync } from "node:fs";
import { arch } from "node:os";
import { dirname } from "node:path";
import { cacheDirectory, stateDirectory } from "../console/directories.ts";
import { UserError } from "../console/errors.ts";
import { runTool } from "../console/log.ts";
import { colliding, type MachineNetwork, machineNetworks } from "./machine-networks.ts";

/** What was found on the machine. */
export interface Found {
  readonly architecture: string;
  readonly platform: string;
  readonly root: boolean;
  readonly memoryMib: number;
  /** Free space by directory that the lab writes to. */
  readonly diskMib: Readonly<Record<string, number>>;
  /** Kernel features that can't be used, in words. */
  readonly kernel: readonly string[];
  readonly networks: readonly MachineNetwork[];
}

export interface Needed {
  readonly memoryMib: number;
  readonly diskMib: number;
  /** The address range of a lab that is there already; a new one takes a range that is free. */
  readonly supernet: string | undefined;
}

/** A lab with its engine, its images and its tools, measured on the first set-up with a third to spare. */
export const labNeeds = { memoryMib: 3_000, diskMib: 8_000 } as const;

/** All that keeps the lab from coming up here, each with what is needed and what was found. */
export function machineProblems(found: Found, needed: Needed): string[] {
  const problems: string[] = [];
  if (found.platform !== "linux" || !["x64", "arm64"].includes(found.architecture))
    problems.push(
      `architecture: found ${found.platform}-${found.architecture}; needed is linux-x64 or linux-arm64. Run the lab on such a machine.`,
    );
  if (!found.root)
    problems.push("rights: found an ordinary user; needed is root (bridges, packet filter, the machine image). Run with sudo.");
  if (found.memoryMib < needed.memoryMib)
    problems.push(
      `memory: found ${found.memoryMib} MiB available; needed are ${needed.memoryMib} MiB. End other programs or take a larger machine.`,
    );
  for (const [directory, free] of Object.entries(found.diskMib))
    if (free < needed.diskMib)
      problems.push(
        `disk: found ${free} MiB free for ${directory}; needed are ${needed.diskMib} MiB. Free some, or set XDG_STATE_HOME and XDG_CACHE_HOME to a larger disk.`,
      );
  for (const feature of found.kernel)
    problems.push(`kernel: found no ${feature}; needed for the lab's machines. Load its module, or use a kernel that has it.`);
  if (needed.supernet !== undefined)
    for (const network of colliding(needed.supernet, found.networks))
      problems.push(
        `addresses: the lab has ${needed.supernet}; found ${network.cidr} on ${network.device} of this machine, which overlaps it. ` +
          'Take that network away, or remove the lab with "npm run lab -- down": a new one takes a free range.',
      );
  return problems;
}

/** Refuses a machine on which the lab can't come up, before anything is made. */
export async function checkMachine(needed: Needed): Promise<string> {
  const found = await lookAround();
  const problems = machineProblems(found, needed);
  if (problems.length > 0) throw new UserError(problems.join("\n"));
  return `${found.platform}-${found.architecture}, ${found.memoryMib} MiB memory, ${Math.min(...Object.values(found.diskMib))} MiB disk`;
}

async function lookAround(): Promise<Found> {
  const [, kib = "0"] = /^MemAvailable:\s+(\d+)/m.exec(readFileSync("/proc/meminfo", "utf8")) ?? [];
  return {
    architecture: arch(),
    platform: process.platform,
    root: process.getuid?.() === 0,
    memoryMib: Math.floor(Number(kib) / 1024),
    diskMib: Object.fromEntries(
      [...new Set([stateDirectory, cacheDirectory])].map((directory) => [directory, freeMib(directory)]),
    ),
    kernel: await missingFeatures(),
    networks: existsSync("/usr/sbin/ip") || existsSync("/sbin/ip") ? await machineNetworks() : [],
  };
}

function freeMib(directory: string): number {
  if (!existsSync(directory)) return freeMib(dirname(directory));
  const { bavail, bsize } = statfsSync(directory);
  return Math.floor((bavail * bsize) / 2 ** 20);
}

/** Features that show themselves in files; a module that is not loaded yet is tried first. */
const features: readonly { readonly name: string; readonly there: () => boolean; readonly module: string }[] = [
  {
    name: "overlay file system (overlay)",
    there: () => /\boverlay$/m.test(readFileSync("/proc/filesystems", "utf8")),
    module: "overlay",
  },
  { name: "network namespaces", there: () => existsSync("/proc/self/ns/net"), module: "" },
  { name: "process namespaces", there: () => existsSync("/proc/self/ns/pid"), module: "" },
  { name: "control groups (cgroup)", there: () => /\bcgroup2?$/m.test(readFileSync("/proc/filesystems", "utf8")), module: "" },
];

async function missingFeatures(): Promise<string[]> {
  const missing: string[] = [];
  for (const { name, there, module } of features) {
    if (there()) continue;
    if (module) await runTool("modprobe", [module]).catch(() => undefined);
    if (!there()) missing.push(name);
  }
  return missing;
}
