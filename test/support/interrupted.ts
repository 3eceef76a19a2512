import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { after } from "node:test";

// Hooks do not run when a test process is interrupted: what it started would stay.

const clearing: (() => unknown)[] = [];
const interruption = new AbortController();
const underWay = new Set<Promise<unknown>>();

/** Does what has to have ended before anything is cleared: it hears when this process is told to end. */
export async function whileUninterrupted<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const done = work(interruption.signal);
  underWay.add(done);
  try {
    return await done;
  } finally {
    underWay.delete(done);
  }
}

async function clear(): Promise<void> {
  interruption.abort();
  await Promise.allSettled(underWay);
  await Promise.allSettled(clearing.map(async (each) => each()));
  process.exit(130);
}

/** Runs work when this process is told to end; then it ends. */
export function whenInterrupted(work: () => unknown): void {
  clearing.push(work);
  if (clearing.length > 1) return;
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => void clear());
}

/** Runs work after the last test of a file, and when the run is interrupted. */
export function afterAlways(work: () => Promise<void>): void {
  let done: Promise<void> | undefined;
  const once = (): Promise<void> => {
    done ??= work();
    return done;
  };
  after(once);
  whenInterrupted(once);
}

const owned = new Set<ChildProcess>();
whenInterrupted(() => [...owned].map((child) => child.kill("SIGKILL")));

/** Starts a process that does not outlive this one. */
export function spawnOwned(file: string, args: readonly string[], options: SpawnOptions): ChildProcess {
  const child = spawn(file, args, options);
  owned.add(child);
  child.once("exit", () => owned.delete(child));
  return child;
}
