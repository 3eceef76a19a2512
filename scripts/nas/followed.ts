// How far a NAS follows the other site's, as its container prints it (components/storage/replication.render.ts). Pure.

export interface Followed {
  /** All that was written at the other site before is here, in seconds since 1970; undefined where no copy was made yet. */
  readonly until: number | undefined;
  /** Why the last copy failed, if it did. */
  readonly problem: string | undefined;
}

export function readFollowed(output: string): Followed {
  const [last = "", problem = ""] = output.split("\n");
  const [began] = last.split(" ");
  return { until: began ? Number(began) : undefined, problem: problem === "" ? undefined : problem };
}

/** Copies that may be missing until somebody is told: one that fails is made again by itself. */
const missing = 2;

/** What is not as it should be; empty when all is well. */
export function behind({ until, problem }: Followed, everyMinutes: number, now: number): string[] {
  const said = problem === undefined ? "" : `: ${problem}`;
  if (until === undefined) return [`no copy of the active site's files was made yet${said}`];
  const minutes = (now / 1000 - until) / 60;
  return minutes > everyMinutes * (missing + 1)
    ? [
        `the last copy of the active site's files is ${minutes.toFixed(0)} min old, every ${everyMinutes} min there should be one${said}`,
      ]
    : [];
}

export const renderFollowedUntil = ({ until }: Followed, now: number): string =>
  until === undefined
    ? "has none of the active site's files yet"
    : `has all that the active site's NAS had ${Math.round(now / 1000 - until)} s ago`;
