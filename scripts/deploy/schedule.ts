import type { Ordered } from "./plan.ts";

/** What became of one stack. */
export type Outcome<T> =
  | { readonly state: "done"; readonly value: T }
  | { readonly state: "failed"; readonly error: Error }
  | { readonly state: "not run"; readonly because: string };

export interface ScheduleOptions {
  /** How many run at once. */
  readonly jobs: number;
  /** Nothing new is started after a failure; what runs is waited for. Default: only what waits for the failed one is left out. */
  readonly stopAtFailure?: boolean;
  readonly signal?: AbortSignal;
}

/** Runs the work of each stack when all that it waits for is done; a stack outside the list is taken as done. */
export async function runInOrder<T>(
  stacks: readonly Ordered[],
  options: ScheduleOptions,
  work: (stack: string) => Promise<T>,
): Promise<Map<string, Outcome<T>>> {
  const outcomes = new Map<string, Outcome<T>>();
  const waiting = new Map(stacks.map((stack) => [stack.name, stack]));
  const running = new Map<string, Promise<void>>();
  let failed: string | undefined;

  const leaveOut = (name: string, because: string): void => {
    waiting.delete(name);
    outcomes.set(name, { state: "not run", because });
  };
  /** The failure at the root of it, however many stacks wait in between. */
  const reasonOf = (missing: string): string => {
    const outcome = outcomes.get(missing);
    return outcome?.state === "not run" ? outcome.because : `${missing} failed`;
  };
  const start = (name: string): void => {
    waiting.delete(name);
    const run = work(name)
      .then(
        (value) => outcomes.set(name, { state: "done", value }),
        (error: unknown) => {
          outcomes.set(name, { state: "failed", error: error instanceof Error ? error : new Error(String(error)) });
          failed ??= name;
        },
      )
      .then(() => void running.delete(name));
    running.set(name, run);
  };

  for (;;) {
    for (const stack of [...waiting.values()]) {
      const missing = stack.after.find((name) => outcomes.has(name) && outcomes.get(name)?.state !== "done");
      if (missing) leaveOut(stack.name, reasonOf(missing));
      else if (options.signal?.aborted) leaveOut(stack.name, "interrupted");
      else if (failed && options.stopAtFailure) leaveOut(stack.name, `${failed} failed`);
    }
    for (const stack of [...waiting.values()]) {
      if (running.size >= options.jobs) break;
      if (stack.after.every((name) => !waiting.has(name) && !running.has(name))) start(stack.name);
    }
    if (running.size === 0) {
      if (waiting.size > 0) throw new Error(`stacks wait for one another in a circle: ${[...waiting.keys()].join(", ")}`);
      return outcomes;
    }
    await Promise.race(running.values());
  }
}
