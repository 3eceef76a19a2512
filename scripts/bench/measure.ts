import { cpus, release, totalmem } from "node:os";

/** One thing that is measured: seconds are taken around it. */
export type Run = () => Promise<unknown>;

export interface Comparison {
  readonly name: string;
  /** What the ratio is of. */
  readonly of: string;
  /** Median seconds of each side. */
  readonly seconds: number;
  readonly baseSeconds: number;
  /** Median of the ratios of each pair: stays true when the machine's speed drifts. */
  readonly ratio: number;
  /** Largest ratio that we want; undefined where it is only reported. */
  readonly goal?: number;
}

export const runs = 5;

/** Runs two things in turn, what the ratio is of first, five times after one warm-up of each, and compares them pair by pair; `reset` runs after each pair, off the clock. */
export async function compare(
  what: { readonly name: string; readonly of: string; readonly goal?: number },
  run: Run,
  base: Run,
  say: (text: string) => void,
  reset: () => Promise<unknown> = async () => undefined,
): Promise<Comparison> {
  await base();
  await run();
  await reset();
  const pairs: { own: number; base: number }[] = [];
  for (let index = 1; index <= runs; index++) {
    const first = await seconds(base);
    pairs.push({ own: await seconds(run), base: first });
    await reset();
    say(`${what.name}: pair ${index} of ${runs}`);
  }
  return {
    ...what,
    seconds: median(pairs.map((pair) => pair.own)),
    baseSeconds: median(pairs.map((pair) => pair.base)),
    ratio: median(pairs.map((pair) => pair.own / pair.base)),
  };
}

/** Wall-clock seconds that a run takes. */
export async function seconds(run: Run): Promise<number> {
  const start = performance.now();
  await run();
  return (performance.now() - start) / 1000;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return sorted.length % 2 === 1
    ? (sorted[Math.floor(middle)] ?? Number.NaN)
    : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}

/** The machine that figures are true of. */
export const machineDescription = (): string =>
  `${cpus().length} × ${cpus()[0]?.model ?? "unknown processor"}, ${Math.round(totalmem() / 2 ** 30)} GiB, Linux ${release()}, Node ${process.version}`;
