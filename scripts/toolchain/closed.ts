import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { cacheDirectory } from "../console/directories.ts";
import { writeWhole } from "../console/files.ts";

const file = join(cacheDirectory, "downloads-closed.json");
const rememberedMs = 24 * 60 * 60 * 1000;

type Notes = Readonly<Record<string, { readonly reason: string; readonly at: number }>>;

/** Why a place of downloads gave nothing within the last day: asking a closed network again costs its time-out for each part. */
export function closedBefore(base: string): string | undefined {
  const note = read()[base];
  return note && Date.now() - note.at < rememberedMs ? note.reason : undefined;
}

export function noteClosed(base: string, reason: string): void {
  writeWhole(file, `${JSON.stringify({ ...read(), [base]: { reason, at: Date.now() } } satisfies Notes)}\n`, 0o644);
}

const read = (): Notes => (existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Notes) : {});
