import { mkdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** The checkout that this file belongs to. */
export const checkout: string = join(import.meta.dirname, "..", "..");

/** Things that can be made again: engine, build caches, images. Outside the checkout, shared by all checkouts of this user. */
export const cacheDirectory: string = join(process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "tandem");

/** Things that cannot be made again (state, keys, logs). Outside the checkout: they must not die with a clone. */
export const stateDirectory: string = join(process.env["XDG_STATE_HOME"] || join(homedir(), ".local", "state"), "tandem");

/** Makes a directory that only its owner reads, and returns its path. */
export function privateDirectory(...parts: string[]): string {
  const path = join(...parts);
  mkdirSync(path, { recursive: true, mode: 0o700 });
  return path;
}
