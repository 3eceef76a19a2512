import { setTimeout as delay } from "node:timers/promises";

/** Waits until a condition holds; says what it waited for when it does not within the time. */
export async function until(what: string, holds: () => boolean | Promise<boolean>, timeoutMs = 10_000): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`waited ${timeoutMs / 1000} s in vain until ${what}`);
    await delay(20);
  }
}
