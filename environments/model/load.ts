import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { EnvironmentError, shown } from "./errors.ts";
import { relocate } from "./lab.ts";
import { type ReadOptions, readEnvironment } from "./read-environment.ts";
import type { Environment } from "./schema.ts";

/** The folder of the environment files. */
export const environmentsDirectory: string = resolve(import.meta.dirname, "..");

export interface LoadOptions {
  /** Lab only: the slot of the lab's addresses on its machine; 0, the file's own, when left out. */
  readonly slot?: number;
}

/** Names of the platforms that have a file. */
export function platforms(): string[] {
  return readdirSync(environmentsDirectory)
    .filter((file) => file.endsWith(".yaml"))
    .map((file) => basename(file, ".yaml"))
    .sort();
}

/** Reads and checks a platform's file, by the platform's name or by path; an `EnvironmentError` says all that is wrong with it. */
export function loadEnvironment(platformOrPath: string, options: LoadOptions = {}): Environment {
  const environment = read(platformOrPath, {});
  return options.slot === undefined ? environment : relocate(environment, options.slot);
}

/** Like `loadEnvironment`, and refuses exceptions that have expired on a day (as in 2027-06-30). */
export function checkEnvironmentFile(platformOrPath: string, today: string): Environment {
  return read(platformOrPath, { today });
}

/** What was found sound, by its text: a process asks for the same platform many times. */
const sound = new Map<string, Environment>();

function read(platformOrPath: string, options: Omit<ReadOptions, "platform">): Environment {
  const path = environmentPath(platformOrPath);
  const near = relative(process.cwd(), path);
  const file = near.startsWith("..") ? path : near;
  const platform = dirname(resolve(path)) === environmentsDirectory ? basename(path, ".yaml") : undefined;
  const text = readText(path, file);
  const key = JSON.stringify([platform, options, text]);
  const environment = sound.get(key) ?? readEnvironment(text, file, { ...options, ...(platform !== undefined && { platform }) });
  sound.set(key, environment);
  return environment;
}

/** Where a platform's file is: a plain name is looked up among the platforms, anything else is a path. */
export function environmentPath(platformOrPath: string): string {
  return /^[A-Za-z0-9_-]+$/.test(platformOrPath) ? join(environmentsDirectory, `${platformOrPath}.yaml`) : platformOrPath;
}

function readText(path: string, file: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(readFileSync(path));
  } catch (error) {
    const what =
      error instanceof TypeError ? "not UTF-8 text" : `cannot be read: ${error instanceof Error ? error.message : String(error)}`;
    const known = platforms().map(shown).join(", ");
    throw new EnvironmentError(file, [
      { path: [], what, allowed: `a platform (${known}) or the path of a file`, fix: "give the name of an existing one" },
    ]);
  }
}
