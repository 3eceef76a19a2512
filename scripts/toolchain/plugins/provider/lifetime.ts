/** How long work that was told to stop may take to do so before the process ends anyway. */
const graceMs = 15_000;
const parentCheckMs = 1_000;

/** The plugin's life: one signal that ends all work, given by the engine's Cancel, by SIGTERM or SIGINT, or by the engine's death. */
export class Lifetime {
  private readonly controller = new AbortController();
  private readonly running = new Set<Promise<unknown>>();
  private ending = false;

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  cancel(why: string): void {
    this.controller.abort(new Error(why));
  }

  /** Watches for the end of the process that started this one, and for signals. */
  watch(): void {
    for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
      process.on(signal, () => void this.end(`the plugin received ${signal}`));
    }
    // An engine that is killed closes nothing and says nothing; its child is then given to another parent.
    const parent = process.ppid;
    const timer = setInterval(() => {
      if (process.ppid !== parent) void this.end("the engine has ended");
    }, parentCheckMs);
    timer.unref();
  }

  /** Runs one request's work, with a signal that also ends after `timeoutSeconds` (0: never). */
  async run<T>(timeoutSeconds: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const late = new AbortController();
    const timer =
      timeoutSeconds > 0
        ? setTimeout(
            () => late.abort(new Error(`it took longer than its time limit of ${timeoutSeconds} s`)),
            timeoutSeconds * 1000,
          )
        : undefined;
    const promise = work(AbortSignal.any([this.signal, late.signal]));
    this.running.add(promise);
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      this.running.delete(promise);
    }
  }

  private async end(why: string): Promise<void> {
    if (this.ending) return;
    this.ending = true;
    this.cancel(why);
    setTimeout(() => process.exit(1), graceMs).unref();
    await Promise.allSettled(this.running);
    // One turn of the loop, so that the answers are written.
    setImmediate(() => process.exit(0));
  }
}
