// How far what the standby site has follows the active site's, as the container that copies prints it (`replication.render.ts`, of the NAS and of the registry). Pure.

/** What is copied of where. */
export const copies = {
  nas: { of: "files", where: "NAS" },
  registry: { of: "images", where: "registry" },
} as const;
type Copied = (typeof copies)[keyof typeof copies];

export interface Followed {
  /** All that was written at the other site before is here, in seconds since 1970; undefined where no copy was made yet. */
  readonly until: number | undefined;
  /** Why the last copy failed, if it did. */
  readonly problem: string | undefined;
}

export function readFollowed(output: string): Followed {
  const [last = "", problem = ""] = output.split("\n");
  const [began] = last.split(" ");
  return { until: /^\d+$/.test(began ?? "") ? Number(began) : undefined, problem: problem === "" ? undefined : problem };
}

/** Copies that may be missing until somebody is told: one that fails is made again by itself. */
const missing = 2;

/** What is not as it should be; empty when all is well. */
export function behind({ of }: Copied, { until, problem }: Followed, everyMinutes: number, now: number): string[] {
  const said = problem === undefined ? "" : `: ${problem}`;
  if (until === undefined) return [`no copy of the active site's ${of} was made yet${said}`];
  const minutes = (now / 1000 - until) / 60;
  return minutes > everyMinutes * (missing + 1)
    ? [
        `the last copy of the active site's ${of} is ${minutes.toFixed(0)} min old, every ${everyMinutes} min there should be one${said}`,
      ]
    : [];
}

export const renderFollowedUntil = ({ of, where }: Copied, { until }: Followed, now: number): string =>
  until === undefined
    ? `has none of the active site's ${of} yet`
    : `has all that the active site's ${where} had ${Math.round(now / 1000 - until)} s ago`;
