import { after } from "node:test";

/** Runs work after the last test of a file, and when the run is interrupted: hooks do not run then, and what was started would stay. */
export function afterAlways(work: () => Promise<void>): void {
  let done: Promise<void> | undefined;
  const once = (): Promise<void> => {
    done ??= work();
    return done;
  };
  after(once);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
    process.once(signal, () => void once().finally(() => process.exit(130)));
}
