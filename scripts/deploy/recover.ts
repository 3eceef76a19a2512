import { existsSync, readdirSync, readFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { UserError } from "../console/errors.ts";
import { pendingOf, withoutPending } from "./deployment.ts";
import { endProcesses, interruptEngines, isLiveEngine, leftProcesses } from "./processes.ts";
import { exportState, importState, type Project } from "./workspace.ts";

/** What is cleared is said, a line each. */
export type Say = (line: string) => void;

const patienceSeconds = 60;

/**
 * Clears what a killed run left: its processes, its locks, its pending operations. A lock whose holder lives is respected: nothing is
 * changed, and the refusal names the holder.
 */
export async function recover(project: Project, stacks: readonly string[], say: Say): Promise<void> {
  const left = leftProcesses(project.backend);
  if (left.length > 0) {
    say(`a run that was killed left ${left.length} processes (${left.map(({ pid }) => pid).join(", ")}): ending them`);
    interruptEngines(left);
    await endProcesses(() => leftProcesses(project.backend), patienceSeconds);
  }
  for (const stack of stacks) await clearLocks(project, stack, say);
  // A state with pending operations says so in its file; only those stacks are opened by the engine.
  for (const stack of stacks.filter((name) => mayHavePending(project, name))) await clearPending(project, stack, say);
}

interface Lock {
  readonly pid: number;
  readonly username: string;
  readonly hostname: string;
  readonly timestamp: string;
}

/** Removes the locks that dead processes of this machine left. */
async function clearLocks(project: Project, stack: string, say: Say): Promise<void> {
  const locks = readLocks(project, stack);
  const dead = (lock: Lock): boolean => lock.hostname === hostname() && !isLiveEngine(lock.pid);
  const live = locks.find((lock) => !dead(lock));
  if (live) {
    throw new UserError(
      `stack ${stack} is locked by process ${live.pid} of ${live.username} on ${live.hostname}, since ${live.timestamp}. ` +
        `Wait for it, or when you know that it is dead: npm run pulumi -- cancel --yes --stack ${stack}. Nothing was changed.`,
    );
  }
  if (locks.length === 0) return;
  await project.cli(["cancel", "--yes", "--stack", stack]);
  say(`${stack}: the lock of process ${locks.map(({ pid }) => pid).join(", ")}, which is dead, is cleared`);
}

/** The locks of a stack in a backend of files; other backends keep theirs to themselves and refuse by themselves. */
function readLocks(project: Project, stack: string): Lock[] {
  const directory = backendDirectory(project, "locks", stack);
  if (!directory || !existsSync(directory)) return [];
  return readdirSync(directory)
    .filter((file) => file.endsWith(".json"))
    .flatMap((file) => readLock(join(directory, file)));
}

function readLock(file: string): Lock[] {
  try {
    return [JSON.parse(readFileSync(file, "utf8")) as Lock];
  } catch (error) {
    // Released since it was listed, or cut while it was written: the engine looks again before it changes anything.
    if ((error as NodeJS.ErrnoException).code === "ENOENT" || error instanceof SyntaxError) return [];
    throw error;
  }
}

function mayHavePending(project: Project, stack: string): boolean {
  const directory = backendDirectory(project, "stacks");
  if (!directory) return true;
  const file = join(directory, `${stack}.json`);
  return !existsSync(file) || readFileSync(file, "utf8").includes('"pending_operations"');
}

/** A folder of a backend of files: `.pulumi/<kind>/…/<project>[/<stack>]`. */
function backendDirectory(project: Project, kind: "locks" | "stacks", stack = ""): string | undefined {
  if (!project.backend.startsWith("file:///")) return undefined;
  const root = join(fileURLToPath(project.backend), ".pulumi", kind);
  return kind === "locks" ? join(root, "organization", projectName(project), stack) : join(root, projectName(project));
}

const projectName = (project: Project): string =>
  /^name: (.+)$/m.exec(readFileSync(join(project.directory, "Pulumi.yaml"), "utf8"))?.[1] ?? "";

async function clearPending(project: Project, stack: string, say: Say): Promise<void> {
  const state = await exportState(project, stack);
  const pending = pendingOf(state);
  if (pending.length === 0) return;
  await importState(project, stack, withoutPending(state));
  for (const operation of pending)
    say(
      `${stack}: pending: ${operation.type} of ${operation.resource.urn.split("::").at(-1)} was cut; cleared, this run does it again`,
    );
}
