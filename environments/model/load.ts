import { readdirSync, readFileSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { EnvironmentError, shown } from "./errors.ts";
import { relocate } from "./lab.ts";
import { readEnvironment } from "./read-environment.ts";
import type { Environment } from "./schema.ts";

/** The folder of the environment files. */
export const environmentsDirectory: string = join(import.meta.dirname, "..");

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
  const path = environmentPath(platformOrPath);
  const file = relative(process.cwd(), path) || path;
  const environment = readEnvironment(readText(path, file), file.startsWith("..") ? path : file);
  if (path === join(environmentsDirectory, `${platformOrPath}.yaml`) && environment.platform !== platformOrPath) {
    throw new EnvironmentError(file, [
      {
        path: ["platform"],
        what: "not the file's name",
        given: environment.platform,
        allowed: platformOrPath,
        fix: "rename one of them",
      },
    ]);
  }
  return options.slot === undefined ? environment : relocate(environment, options.slot);
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
