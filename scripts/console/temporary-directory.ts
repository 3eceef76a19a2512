import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isLiveRun, processMark } from "./run-mark.ts";

/** Runs work with a directory that only its owner reads and that is gone afterwards. What killed runs could not remove is removed first. */
export async function withTemporaryDirectory<T>(work: (directory: string) => Promise<T>): Promise<T> {
  removeLeftDirectories();
  const directory = mkdtempSync(join(tmpdir(), `tandem-run-${processMark(process.pid)?.replace(":", "-")}-`));
  try {
    return await work(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function removeLeftDirectories(): void {
  for (const name of readdirSync(tmpdir())) {
    const [, pid, start] = /^tandem-run-(\d+)-(\d+)-/.exec(name) ?? [];
    if (pid && !isLiveRun(`${pid}:${start}`)) rmSync(join(tmpdir(), name), { recursive: true, force: true });
  }
}
