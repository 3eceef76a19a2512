import { z } from "zod";

// What a site's database nodes and its backups say, as their backup containers tell it (components/database/backup.render.ts). Pure.

/** A node as its health page shows it. */
export interface Node {
  readonly host: string;
  readonly healthy: boolean;
  readonly writer: boolean;
  /** What its page says. */
  readonly said: string;
  /** Where its data end, of a node that waits. */
  readonly position?: string;
}

const positionPattern = /data until ([0-9a-f-]{36}:-?[0-9]+)/;

/** Reads `backup pages`: a line a node with its name, and code and text of its two pages. */
export function readPages(output: string): Node[] {
  return lines(output).map((line) => {
    const [host = "", health = "", role = ""] = line.split("\t");
    const [, position] = positionPattern.exec(health) ?? [];
    return {
      host,
      healthy: health.startsWith("200"),
      writer: role.startsWith("200"),
      said: health.slice(health.indexOf(" ") + 1),
      ...(position !== undefined && { position }),
    };
  });
}

const full = z
  .object({
    full: z.string(),
    manifest: z.object({ host: z.string(), end: z.string(), bytes: z.number() }),
    verified: z.object({ sound: z.boolean(), at: z.string() }).nullable(),
  })
  .transform(({ full: name, manifest, verified }) => ({ name, ...manifest, end: timeOf(manifest.end), verified }));
/** The binary logs of one life of a node; times in milliseconds since 1970. */
const binlogs = z
  .object({ binlogs: z.string(), from: z.number(), until: z.number(), bytes: z.number() })
  .transform(({ binlogs: name, from, until, bytes }) => ({ name, from: from * 1000, until: until * 1000, bytes }));
const problem = z.object({ problem: z.string(), at: z.string(), said: z.string() });

export interface Backups {
  readonly fulls: readonly z.output<typeof full>[];
  readonly binlogs: readonly z.output<typeof binlogs>[];
  readonly problems: readonly z.output<typeof problem>[];
}

/** Reads `backup list`: lines of JSON. */
export function readBackups(output: string): Backups {
  const all = lines(output).map((line): unknown => JSON.parse(line));
  const of = <T>(key: string, shape: z.ZodType<T>): T[] =>
    all.filter((one) => typeof one === "object" && one !== null && key in one).map((one) => shape.parse(one));
  return { fulls: of("full", full), binlogs: of("binlogs", binlogs), problems: of("problem", problem) };
}

/** What a restore says at its end. */
export const restoredShape = z.object({
  full: z.string(),
  to: z.string(),
  position: z.string(),
  gtid: z.string(),
  binlogs: z.string(),
  last: z.string(),
  rows: z.record(z.string(), z.number()),
});
export type Restored = z.infer<typeof restoredShape>;

/** The first and the last time that the databases can be restored to; undefined where there is none. */
export function restorable({ fulls, binlogs: all }: Backups): { readonly from: number; readonly until: number } | undefined {
  const windows = fulls
    .filter(({ verified }) => verified?.sound)
    .flatMap(({ end }) =>
      all.filter(({ from, until }) => from <= end && until >= end).map(({ until }) => ({ from: end, until })),
    );
  return windows.length === 0
    ? undefined
    : { from: Math.min(...windows.map(({ from }) => from)), until: Math.max(...windows.map(({ until }) => until)) };
}

/** A time as `20260131T235959Z`, in milliseconds since 1970. */
export const timeOf = (stamp: string): number =>
  Date.parse(stamp.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"));

export const stampOf = (time: number): string => new Date(time).toISOString().replaceAll(/[-:]|\.\d+/g, "");

const lines = (text: string): string[] => text.split("\n").filter((line) => line.trim() !== "");
