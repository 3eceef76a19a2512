// What a client wrote down, and what follows from it. Pure. Times are milliseconds of the machine's monotonic clock, the same in all processes.

/** `unknown`: the connection was lost after the write was sent for good; it may be there or not. */
export type Outcome = "acknowledged" | "failed" | "unknown";

/** One write of a client. */
export interface Written {
  readonly sequence: number;
  /** When its outcome was known. */
  readonly at: number;
  readonly outcome: Outcome;
  /** What the client was told where it failed. */
  readonly why?: string;
}

export const now = (): number => Number(process.hrtime.bigint() / 1000n) / 1000;

export interface ObservedOutage {
  /** Longest time without a success, less the client's usual interval. */
  readonly seconds: number;
  /** Seconds from the failure until it began; negative where the last success came before the failure. */
  readonly began: number;
}

/**
 * The longest time without a success that touches the time from `from` to `to`. What is usual, the client's own records before `from` say;
 * a client that had no success before `from` can't be judged.
 */
export function observedOutage(records: readonly Written[], from: number, to: number): ObservedOutage | undefined {
  const successes = records.filter(({ outcome, at }) => outcome === "acknowledged" && at <= to).map(({ at }) => at);
  const before = successes.filter((at) => at <= from);
  const usual = median(intervals(before));
  const last = before.at(-1);
  if (last === undefined || usual === undefined) return undefined;
  const times = [last, ...successes.filter((at) => at > from), to];
  let longest = { seconds: 0, began: 0 };
  for (const [index, length] of intervals(times).entries()) {
    const seconds = Math.max(0, length - usual) / 1000;
    if (seconds > longest.seconds) longest = { seconds, began: ((times[index] ?? from) - from) / 1000 };
  }
  return longest;
}

const intervals = (times: readonly number[]): number[] => times.slice(1).map((at, index) => at - (times[index] ?? at));

/** The middle of several numbers, of an even count the lower of both; undefined of none. */
export function median(numbers: readonly number[]): number | undefined {
  return [...numbers].sort((a, b) => a - b)[Math.floor((numbers.length - 1) / 2)];
}

/** What a store holds: by number, a text that tells its content from another. */
export type Contents = ReadonlyMap<number, string>;

/** Numbers that not every store holds with the same content. */
export function differing(contents: Readonly<Record<string, Contents>>): number[] {
  const stores = Object.values(contents);
  const numbers = new Set(stores.flatMap((store) => [...store.keys()]));
  return [...numbers].filter((number) => new Set(stores.map((store) => store.get(number))).size > 1);
}

/** What the stores hold, compared with one another and with the client's own record. */
export interface Comparison {
  /** Acknowledged, and missing in at least one store. */
  readonly lost: readonly number[];
  /** In some stores and not in others, or not with the same content. */
  readonly differing: readonly number[];
  /** In a store although the client was told that it failed, or never wrote it. */
  readonly unexplained: readonly number[];
}

/** Compares contents, by the name of the store (a database node, the Kubernetes API), with a client's record. */
export function compareContents(records: readonly Written[], contents: Readonly<Record<string, Contents>>): Comparison {
  const stores = Object.values(contents);
  const possible = new Set(records.filter(({ outcome }) => outcome !== "failed").map(({ sequence }) => sequence));
  const present = new Set(stores.flatMap((store) => [...store.keys()]));
  return {
    lost: records
      .filter(({ outcome, sequence }) => outcome === "acknowledged" && stores.some((store) => !store.has(sequence)))
      .map(({ sequence }) => sequence),
    differing: differing(contents),
    unexplained: [...present].filter((sequence) => !possible.has(sequence)),
  };
}

/** How often the writer changed, from what was seen of it; moments without a writer do not count. */
export function writerChanges(seen: readonly (readonly string[])[]): number {
  const single = seen.filter(({ length }) => length === 1).map(([writer]) => writer);
  return single.filter((writer, index) => index > 0 && writer !== single[index - 1]).length;
}

/** kine's rows since a revision: how many revisions are missing, and how many rows it filled in for one that was missing. */
export function revisionGaps(
  rows: readonly { readonly id: number; readonly filled: boolean }[],
  after: number,
): { readonly holes: number; readonly filled: number } {
  const last = Math.max(after, ...rows.map(({ id }) => id));
  return { holes: last - after - new Set(rows.map(({ id }) => id)).size, filled: rows.filter(({ filled }) => filled).length };
}
