import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { UserError } from "./errors.ts";
import { isLiveRun, processMark } from "./run-mark.ts";

// A lock is a file that names its holder, by process id and start. Held means that this process lives: one that is suspended, or whose
// machine sleeps, keeps its lock, and one that was killed has lost it at once. No heartbeat can tell these two apart.

/**
 * Runs work while holding the lock on a path. A lock whose holder died is taken over; one that a live process holds is waited for, and
 * after `waitSeconds` refused with who holds it.
 */
export async function withLock<T>(
  path: string,
  purpose: string,
  waitSeconds: number,
  work: () => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  mkdirSync(dirname(path), { recursive: true });
  const deadline = Date.now() + waitSeconds * 1000;
  while (!take(path, purpose)) {
    signal?.throwIfAborted();
    if (Date.now() > deadline)
      throw new UserError(`${path}: held by ${read(path)?.who ?? "another process"}; wait for it or end it, then run again`);
    await pause(200, undefined, { ...(signal && { signal }) }).catch(() => undefined);
  }
  try {
    return await work();
  } finally {
    rmSync(path, { force: true });
  }
}

/** Whether the lock is ours now. */
function take(path: string, purpose: string): boolean {
  if (place(path, purpose)) return true;
  if (!isDead(path)) return false;
  // Of several that see the same dead holder, one removes its lock: another could otherwise remove the lock that the first then took.
  const takeover = `${path}.takeover`;
  if (!take(takeover, purpose)) return false;
  try {
    if (isDead(path)) rmSync(path, { force: true });
  } finally {
    rmSync(takeover, { force: true });
  }
  return place(path, purpose);
}

let count = 0;

/** Puts our lock where none is. A link shows it with its content or not at all. */
function place(path: string, purpose: string): boolean {
  count += 1;
  const beside = `${path}.${process.pid}.${count}`;
  const who = `process ${process.pid} (${purpose}), since ${new Date().toISOString()}`;
  writeFileSync(beside, `${processMark(process.pid)}\n${who}\n`);
  try {
    linkSync(beside, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    return false;
  } finally {
    rmSync(beside);
  }
}

function read(path: string): { readonly mark: string; readonly who: string } | undefined {
  try {
    const [mark = "", who = ""] = readFileSync(path, "utf8").split("\n");
    return { mark, who };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    return undefined;
  }
}

function isDead(path: string): boolean {
  const holder = read(path);
  return holder !== undefined && !isLiveRun(holder.mark);
}
