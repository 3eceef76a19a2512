import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { lock } from "proper-lockfile";
import { UserError } from "./errors.ts";

/**
 * Runs work while holding the lock on a path. A lock whose holder died is taken over (its heartbeat is more than 10 s old);
 * one that a live process holds is waited for, and after `waitSeconds` refused with who holds it.
 */
export async function withLock<T>(path: string, purpose: string, waitSeconds: number, work: () => Promise<T>): Promise<T> {
  mkdirSync(dirname(path), { recursive: true });
  const holder = `${path}.holder`;
  const release = await lock(path, {
    realpath: false,
    stale: 10_000,
    update: 2_000,
    retries: { retries: Math.ceil(waitSeconds * 2), factor: 1, minTimeout: 500, maxTimeout: 500 },
  }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ELOCKED") throw error;
    throw new UserError(`${path}: held by ${heldBy(holder)}; wait for it or end it, then run again`);
  });
  writeFileSync(holder, `process ${process.pid} (${purpose}), since ${new Date().toISOString()}`);
  try {
    return await work();
  } finally {
    await release();
  }
}

function heldBy(holder: string): string {
  try {
    return readFileSync(holder, "utf8");
  } catch {
    return "another process";
  }
}
