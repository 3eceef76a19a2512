import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { cpSync, existsSync, globSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { text } from "node:stream/consumers";
import { checkout } from "../../scripts/console/directories.ts";
import { isLiveRun, processMark, runVariable } from "../../scripts/deploy/processes.ts";
import { instanceVariable, type Lab, labId, readLab } from "../../scripts/lab/instance.ts";
import { descendants } from "../../scripts/lab/machine-processes.ts";

// A lab of its own beside the user's, driven by the commands that a user types, in a checkout of its own that a test can edit.

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command that runs, and how to wait for its end. */
export interface Running {
  readonly pid: number;
  readonly ended: Promise<Outcome>;
}

export interface TestLab {
  /** In the place of the user's own directory for states, keys and logs. */
  readonly home: string;
  /** A copy of this checkout. */
  readonly checkout: string;
  readonly directory: string;
  /** As it was recorded; only when it is up. */
  record(): Lab;
  /** Runs one of package.json's commands to its end. */
  npm(command: string, args?: readonly string[], input?: string): Promise<Outcome>;
  /** Starts a script of the checkout, without npm's own process before it. */
  start(script: string, args: readonly string[]): Running;
  /** Takes the lab down, whatever state it is in, and forgets it. */
  remove(): void;
}

const prefix = "tandem-test-lab-";
const commands = (JSON.parse(readFileSync(join(checkout, "package.json"), "utf8")) as { scripts: Record<string, string> })
  .scripts;

/**
 * Prepares a lab; a command brings it up, on the engine at `dockerHost` where one is given. It is removed when this process is interrupted,
 * and by the next test run when it was killed.
 */
export function testLab(dockerHost?: string): TestLab {
  removeLeftLabs();
  const home = mkdtempSync(join(tmpdir(), `${prefix}${processMark(process.pid)?.replace(":", "-")}-`));
  const root = copyCheckout(home);
  const running = new Set<ChildProcess>();
  const remove = (): void => {
    const started = [...running].flatMap(({ pid }) => pid ?? []);
    kill([...started, ...descendants(started)]);
    removeLab(home);
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
    process.once(signal, () => {
      remove();
      process.exit(130);
    });
  const run = (words: readonly string[], input?: string, detached = false): Running => {
    const env = { ...environment(home), ...(dockerHost !== undefined && { DOCKER_HOST: dockerHost }) };
    const child = spawn(process.execPath, words, { cwd: root, env, detached, stdio: "pipe" });
    running.add(child);
    child.stdin.end(input ?? "");
    const closed = new Promise<number | null>((resolve, reject) => child.once("close", resolve).once("error", reject));
    const ended = Promise.all([closed, text(child.stdout), text(child.stderr)]).then(([code, stdout, stderr]) => {
      running.delete(child);
      return { code, stdout, stderr };
    });
    return { pid: child.pid as number, ended };
  };
  const directory = labDirectoryOf(home);
  return {
    home,
    checkout: root,
    directory,
    record: () => {
      const lab = readLab(directory);
      if (!lab) throw new Error(`${directory}: no lab`);
      return lab;
    },
    npm: (command, args = [], input) => run([...wordsOf(command), ...args], input).ended,
    start: (script, args) => run([join(root, script), ...args], undefined, true),
    remove,
  };
}

/** The words behind "node" of a command of package.json. */
function wordsOf(command: string): string[] {
  const [program, ...words] = commands[command]?.split(" ") ?? [];
  if (program !== "node") throw new Error(`package.json: no command ${command} that runs node`);
  return words;
}

const instanceOf = (home: string): string => `test-${basename(home).slice(prefix.length).split("-")[0]}`;
const checkoutOf = (home: string): string => join(home, "checkout");
const labDirectoryOf = (home: string): string => join(home, "tandem", "labs", labId(checkoutOf(home), instanceOf(home)));

const copied = [
  "components",
  "environments",
  "policies",
  "scripts",
  "stacks",
  "Pulumi.yaml",
  "package.json",
  "package-lock.json",
  "tsconfig.json",
];

/** All that the commands run, and the packages by a link. */
function copyCheckout(home: string): string {
  const partial = join(home, "partial");
  for (const name of copied) cpSync(join(checkout, name), join(partial, name), { recursive: true });
  symlinkSync(join(checkout, "node_modules"), join(partial, "node_modules"));
  renameSync(partial, checkoutOf(home));
  return checkoutOf(home);
}

/** As the user's, but for what would lead to another lab, another backend or another engine's state. */
function environment(home: string): NodeJS.ProcessEnv {
  const { PULUMI_BACKEND_URL: _, PULUMI_CONFIG_PASSPHRASE: __, NODE_TEST_CONTEXT: ___, ...rest } = process.env;
  return { ...rest, XDG_STATE_HOME: home, [instanceVariable]: instanceOf(home) };
}

function removeLab(home: string): void {
  const cwd = checkoutOf(home);
  if (existsSync(cwd)) takeDown(home, cwd);
  rmSync(home, { recursive: true, force: true });
}

function takeDown(home: string, cwd: string): void {
  // Without the bootstrap: packages are lent, and it would put those of an older lock in their place.
  const words = [join(cwd, "scripts", "lab", "index.ts"), "down"];
  const { status, stdout, stderr } = spawnSync(process.execPath, words, {
    cwd,
    env: environment(home),
    encoding: "utf8",
    timeout: 180_000,
  });
  if (status !== 0) throw new Error(`the lab in ${home} can't be taken down:\n${stdout}${stderr}`);
}

/** Labs of test runs that were killed; first those on an engine that is not their own: it may be another lab's. */
export function removeLeftLabs(): void {
  const left = readdirSync(tmpdir()).flatMap((name) => {
    const [, pid, start] = /^tandem-test-lab-(\d+)-(\d+)-/.exec(name) ?? [];
    return pid && !isLiveRun(`${pid}:${start}`) ? [join(tmpdir(), name)] : [];
  });
  const isGuest = (home: string): boolean => existsSync(checkoutOf(home)) && readLab(labDirectoryOf(home))?.engine === "given";
  for (const home of left.toSorted((a, b) => Number(isGuest(b)) - Number(isGuest(a)))) removeLab(home);
}

/** Ends processes as a power failure would. */
export function kill(pids: readonly number[]): void {
  for (const pid of pids) {
    try {
      process.kill(pid, "SIGKILL");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  }
}

/** Ids of the processes that a run of ours started, by the mark in their environment. */
export function processesOfRun(mark: string): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => readOrEmpty(`/proc/${name}/environ`).split("\0").includes(`${runVariable}=${mark}`))
    .map(Number);
}

/** The engine among the processes of a run: its command line, and the stack that it runs on. */
export const engineOfRun = (mark: string, stack: string): number | undefined =>
  processesOfRun(mark).find((pid) => {
    const [program = "", ...words] = readOrEmpty(`/proc/${pid}/cmdline`).split("\0");
    return basename(program) === "pulumi" && words.includes("up") && words.includes(stack);
  });

const readOrEmpty = (path: string): string => {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
};

/** The states of all stacks, by file. */
export function statesOf(lab: Pick<Lab, "directory">): Record<string, string> {
  const directory = join(lab.directory, "state", ".pulumi", "stacks");
  const files = globSync("**/*.json", { cwd: directory }).sort();
  return Object.fromEntries(files.map((file) => [file, readFileSync(join(directory, file), "utf8")]));
}

/** Files below a directory that hold a text, without the engine's own data. */
export function filesWith(directory: string, needles: readonly string[]): string[] {
  return globSync("**/*", {
    cwd: directory,
    withFileTypes: true,
    // What services store, in volumes and on the NAS, is theirs: a database of hundreds of megabytes.
    exclude: ({ name }) => name === "docker" || name === "nas" || name === "node_modules",
  })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => {
      if (!existsSync(file)) return false;
      const content = readFileSync(file, "latin1");
      return needles.some((needle) => content.includes(needle));
    })
    .sort();
}
