import { createHash } from "node:crypto";
import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { basename, join } from "node:path";
import { cacheDirectory, checkout } from "../console/directories.ts";
import { writeWhole } from "../console/files.ts";
import { type PluginName, plugins } from "./versions.ts";

export type OriginKind = "official" | "built" | "portable";

/** Where a part of the engine comes from. Each plugin's directory holds it as `origin.json`, for guards to read. */
export interface Origin {
  readonly origin: OriginKind;
  readonly version: string;
  /** Why this one and not one that comes before it. */
  readonly reason: string;
}

/**
 * The PULUMI_HOME of this checkout and of what decides which parts run: portable plugins run from a checkout's sources, and a choice
 * that changes must not change the ground under a run that goes on. What is heavy is linked from the cache that all checkouts share.
 */
export const engineHome = (fingerprint: string, root: string = cacheDirectory): string =>
  join(
    root,
    "engine",
    createHash("sha256")
      .update(`${realpathSync(checkout)} ${fingerprint}`)
      .digest("hex")
      .slice(0, 12),
  );

export const pluginDirectory = (home: string, name: PluginName): string =>
  join(home, "plugins", `resource-${name}-v${plugins[name]}`);

/**
 * Puts executables into the home's `bin`. Hard links where the file system has them: the CLI looks for its language host beside where
 * it really is, and warns in every preview about one that is elsewhere.
 */
export function linkExecutables(home: string, files: readonly string[]): void {
  mkdirSync(join(home, "bin"), { recursive: true });
  for (const file of files) replaceLink(file, join(home, "bin", basename(file)), linkSync);
}

/** Puts a plugin's files into its directory as links, the first under the plugin's own name, and notes its origin. */
export function linkPlugin(home: string, name: PluginName, source: string, origin: Origin): void {
  const directory = pluginDirectory(home, name);
  mkdirSync(directory, { recursive: true });
  if (origin.origin === "built") {
    replaceLink(source, join(directory, `pulumi-resource-${name}`));
  } else {
    for (const file of readdirSync(source)) if (file !== "origin.json") replaceLink(join(source, file), join(directory, file));
  }
  writeWhole(join(directory, "origin.json"), `${JSON.stringify(origin)}\n`, 0o644);
}

/** Starts this checkout's TypeScript plugin with this Node: `exec`, so that the engine's signals reach it. */
export function writePortablePlugin(home: string, name: PluginName, origin: Origin): void {
  const directory = pluginDirectory(home, name);
  mkdirSync(directory, { recursive: true });
  const main = join(checkout, "scripts", "toolchain", "plugins", name, "main.ts");
  writeExecutable(join(directory, `pulumi-resource-${name}`), [process.execPath, "--disable-warning=ExperimentalWarning", main]);
  writeWhole(join(directory, "origin.json"), `${JSON.stringify(origin)}\n`, 0o644);
}

export function readOrigin(home: string, name: PluginName): Origin | undefined {
  const file = join(pluginDirectory(home, name), "origin.json");
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Origin) : undefined;
}

export function writeExecutable(path: string, command: readonly string[]): void {
  writeWhole(path, `#!/bin/sh\nexec ${command.map(quoted).join(" ")} "$@"\n`, 0o755);
}

/** For sh: single quotes take everything but themselves. */
export const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

function replaceLink(target: string, path: string, link: (target: string, path: string) => void = symlinkSync): void {
  const beside = `${path}.${process.pid}`;
  rmSync(beside, { force: true });
  try {
    link(realpathSync(target), beside);
  } catch (error) {
    if (!["EXDEV", "EPERM", "EMLINK"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
    symlinkSync(target, beside);
  }
  renameSync(beside, path);
  // Renaming one link of a file over another one of the same file does nothing.
  rmSync(beside, { force: true });
}
