import { existsSync, readFileSync, statfsSync, statSync } from "node:fs";
import { arch, availableParallelism, homedir } from "node:os";
import { dirname, join } from "node:path";
import { cacheDirectory, stateDirectory } from "../console/directories.ts";
import { UserError } from "../console/errors.ts";
import { runTool } from "../console/log.ts";
import { engineNow } from "../toolchain/engine.ts";
import { builtGo } from "../toolchain/go-build.ts";
import { kubernetesParts } from "../toolchain/kubernetes-binaries.ts";
import { pluginNames } from "../toolchain/versions.ts";
import { isDebianOrUbuntu, readOsRelease } from "./docker-package.ts";
import { labDirectory, labId, readLab } from "./instance.ts";
import { colliding, type MachineNetwork, machineNetworks } from "./machine-networks.ts";
import { builtForImages } from "./service-images.ts";
import { type Claim, describeClaim, isHeld, isRunning, lowestFree, noSlotMessage, readClaims, supernetOf } from "./slots.ts";
import { builtForWorkers } from "./worker-machine.ts";

/** What was found on the machine. */
export interface Found {
  readonly architecture: string;
  readonly platform: string;
  readonly root: boolean;
  readonly processors: number;
  readonly memoryMib: number;
  /** As its os-release says. */
  readonly system: string;
  /** Free space by directories that the lab writes to, as in `/state and /cache` where one file system has both. */
  readonly diskMib: Readonly<Record<string, number>>;
  /** Kernel features that can't be used, in words. */
  readonly kernel: readonly string[];
  readonly networks: readonly MachineNetwork[];
}

export interface Needed {
  /** Labs that run here already, where the whole of one more is to come up. */
  readonly beside: readonly Claim[];
  readonly memoryMib: number;
  /** By directories, as found. */
  readonly diskMib: Readonly<Record<string, number>>;
  /** The address range of a lab that is there already; a new one takes a range that is free. */
  readonly supernet: string | undefined;
  /** The ranges that labs hold already. */
  readonly held: readonly Claim[];
}

/**
 * Measured: the whole lab takes 4.7 GB of memory when it is up, its images, containers and data 3.4 GB of disk; the Go
 * modules, Go's build cache and the executables of the engine and of Kubernetes 12 GB. Each with some to spare; what is there already has
 * taken its share, so a second run needs little.
 */
export function labNeeds(there: { readonly lab: boolean; readonly built: boolean }): {
  readonly memoryMib: number;
  readonly stateMib: number;
  readonly cacheMib: number;
  readonly goMib: number;
} {
  return {
    memoryMib: there.lab ? 500 : 7_000,
    stateMib: there.lab ? 1_000 : 5_000,
    cacheMib: there.built ? 1_000 : 4_000,
    goMib: there.built ? 0 : 14_000,
  };
}

/** Measured: on two processors a second whole lab does not come up, its databases and API servers run out of time. */
const processorsOfALab = 2;

/** Whether the machine has the processors for so many whole labs. */
export const hasProcessorsFor = (labs: number): boolean => availableParallelism() >= processorsOfALab * labs;

/** All that keeps the lab from coming up here, each with what is needed and what was found. */
export function machineProblems(found: Found, needed: Needed): string[] {
  const problems: string[] = [];
  if (found.platform !== "linux" || !["x64", "arm64"].includes(found.architecture))
    problems.push(
      `architecture: found ${found.platform}-${found.architecture}; needed is linux-x64 or linux-arm64. Run the lab on such a machine.`,
    );
  if (!isDebianOrUbuntu(found.system))
    problems.push(
      `system: found ${/^PRETTY_NAME="?([^"\n]*)/m.exec(found.system)?.[1] ?? "one without an os-release"}; needed is Debian or Ubuntu, also where a ` +
        "Docker engine answers: the lab's images are made of the machine's own packages. Run the lab on such a machine.",
    );
  if (!found.root)
    problems.push(
      "rights: found an ordinary user; needed is root, also where a Docker engine answers: the lab's packet filter and its machine image are made " +
        "by root. Run with sudo.",
    );
  const processors = processorsOfALab * (needed.beside.length + 1);
  if (needed.beside.length > 0 && found.processors < processors)
    problems.push(
      `processors: found ${found.processors}; needed are ${processors}, ${processorsOfALab} for a whole lab, as others run here:\n` +
        `${needed.beside.map(describeClaim).join("\n")}\n` +
        'Remove one in its checkout with "npm run lab -- down", or bring a part of this lab up, as in "npm run lab -- up --stack lab-machines".',
    );
  if (found.memoryMib < needed.memoryMib)
    problems.push(
      `memory: found ${found.memoryMib} MiB available; needed are ${needed.memoryMib} MiB. End other programs or take a larger machine.`,
    );
  for (const [directory, free] of Object.entries(found.diskMib)) {
    const wanted = needed.diskMib[directory] ?? 0;
    if (free < wanted)
      problems.push(
        `disk: found ${free} MiB free for ${directory}; needed are ${wanted} MiB. Free some, or set XDG_STATE_HOME, XDG_CACHE_HOME and GOPATH to a larger disk.`,
      );
  }
  for (const feature of found.kernel)
    problems.push(`kernel: found no ${feature}; needed for the lab's machines. Load its module, or use a kernel that has it.`);
  if (needed.supernet === undefined) {
    if (lowestFree(needed.held, found.networks) === undefined) problems.push(noSlotMessage(needed.held, found.networks));
  } else {
    for (const network of colliding(needed.supernet, found.networks))
      problems.push(
        `addresses: the lab has ${needed.supernet}; found ${network.cidr} on ${network.device} of this machine, which overlaps it. ` +
          'Take that network away, or remove the lab with "npm run lab -- down": a new one takes a free range.',
      );
  }
  return problems;
}

/** This checkout's lab, a part of it, or one more beside it, as tests bring up. */
export type Wanted = "whole" | "part" | "another";

/** Refuses a machine on which what is wanted can't come up, before anything is made. */
export async function checkMachine(wanted: Wanted): Promise<string> {
  const needed = whatIsNeeded(wanted);
  const found = await lookAround(Object.keys(needed.diskMib));
  const problems = machineProblems(found, needed);
  if (problems.length > 0) throw new UserError(problems.join("\n"));
  return `${found.platform}-${found.architecture}, ${found.processors} processors, ${found.memoryMib} MiB memory, ${Math.min(...Object.values(found.diskMib))} MiB disk`;
}

function whatIsNeeded(wanted: Wanted): Needed {
  const id = labId();
  const directory = labDirectory(id);
  // Only root reads them, and no one else gets further than this check.
  const claims = process.getuid?.() === 0 ? readClaims() : [];
  const held = claims.filter(isHeld);
  const own =
    wanted === "another"
      ? undefined
      : (readLab(directory) ?? claims.find((claim) => claim.id === id && claim.directory === directory));
  const running = held.filter(isRunning);
  const origins = engineNow()?.origins;
  const built =
    pluginNames.every((name) => origins?.[name]) &&
    [...builtForImages, ...builtForWorkers].every((name) => builtGo(kubernetesParts[name]));
  const needs = labNeeds({ lab: own !== undefined, built });
  return {
    beside: wanted === "part" || running.some((claim) => claim.id === own?.id) ? [] : running,
    memoryMib: needs.memoryMib,
    diskMib: byFileSystem({
      [stateDirectory]: needs.stateMib,
      [cacheDirectory]: needs.cacheMib,
      [goModules()]: needs.goMib / 2,
      [goBuilds()]: needs.goMib / 2,
    }),
    supernet: own && supernetOf(own.slot),
    held,
  };
}

/** Where Go keeps what it downloads and builds: its own defaults, because nothing that says otherwise need be there yet. */
const goModules = (): string => process.env["GOMODCACHE"] || join(process.env["GOPATH"] || join(homedir(), "go"), "pkg", "mod");
const goBuilds = (): string =>
  process.env["GOCACHE"] || join(process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "go-build");

/** Adds up what is needed in directories of one file system, under all their names. */
export function byFileSystem(needs: Readonly<Record<string, number>>): Record<string, number> {
  const wanted = Object.entries(needs).filter(([, mib]) => mib > 0);
  const groups = [...Map.groupBy(wanted, ([directory]) => statSync(there(directory)).dev).values()];
  return Object.fromEntries(
    groups.map((group) => [group.map(([directory]) => directory).join(and), group.reduce((sum, [, mib]) => sum + mib, 0)]),
  );
}

const and = " and ";

async function lookAround(directories: readonly string[]): Promise<Found> {
  const [, kib = "0"] = /^MemAvailable:\s+(\d+)/m.exec(readFileSync("/proc/meminfo", "utf8")) ?? [];
  return {
    architecture: arch(),
    platform: process.platform,
    root: process.getuid?.() === 0,
    system: readOsRelease(),
    processors: availableParallelism(),
    memoryMib: Math.floor(Number(kib) / 1024),
    diskMib: Object.fromEntries(directories.map((names) => [names, freeMib(names.split(and)[0] ?? "")])),
    kernel: await missingFeatures(),
    networks: existsSync("/usr/sbin/ip") || existsSync("/sbin/ip") ? await machineNetworks() : [],
  };
}

function freeMib(directory: string): number {
  const { bavail, bsize } = statfsSync(there(directory));
  return Math.floor((bavail * bsize) / 2 ** 20);
}

/** The directory, or what is there of it. */
const there = (directory: string): string => (existsSync(directory) ? directory : there(dirname(directory)));

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
