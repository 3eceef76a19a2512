import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cacheDirectory } from "../console/directories.ts";
import { withLock } from "../console/lock.ts";
import { endLeftTools } from "../console/tools.ts";

/** Building on a busy machine is slow; whoever waits for somebody else's build waits for all of it. */
const waitSeconds = 45 * 60;

const complete = ".complete";

/**
 * A directory of the cache, made once. It is made beside its place and moved there when it is whole, so that a run that was ended
 * in the middle leaves nothing that the next one could take for a result.
 */
export async function cached(
  key: string,
  purpose: string,
  make: (directory: string) => Promise<void>,
  { root = cacheDirectory, signal }: { readonly root?: string; readonly signal?: AbortSignal | undefined } = {},
): Promise<string> {
  const path = join(root, "parts", key);
  if (isWhole(path)) return path;
  const makeWhole = async (): Promise<string> => {
    if (isWhole(path)) return path;
    const making = `${path}.making`;
    endLeftTools();
    rmSync(making, { recursive: true, force: true });
    rmSync(path, { recursive: true, force: true });
    mkdirSync(making, { recursive: true });
    try {
      await make(making);
      writeFileSync(join(making, complete), `${new Date().toISOString()}\n`);
      renameSync(making, path);
      return path;
    } finally {
      rmSync(making, { recursive: true, force: true });
    }
  };
  return await withLock(join(root, "locks", key), purpose, waitSeconds, makeWhole, signal);
}

/** Where a part of the cache is when it is there as a whole. */
export function cachedAlready(key: string, root: string = cacheDirectory): string | undefined {
  const path = join(root, "parts", key);
  return isWhole(path) ? path : undefined;
}

const isWhole = (path: string): boolean => existsSync(join(path, complete));

/** A short digest of texts and of files' contents: what a cached result was made from. */
export function digestOf(texts: readonly string[], files: readonly string[]): string {
  const hash = createHash("sha256");
  for (const text of texts) hash.update(`${text.length}:${text}`);
  for (const file of files) {
    const content = readFileSync(file);
    hash.update(`${content.length}:`).update(content);
  }
  return hash.digest("hex").slice(0, 12);
}
