import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { cacheDirectory } from "../console/directories.ts";
import { writeWhole } from "../console/files.ts";
import { withLock } from "../console/lock.ts";
import type { Report } from "../console/steps.ts";
import { digestOf } from "./cache.ts";
import { existingFingerprint } from "./existing.ts";
import { goPartKey } from "./go-build.ts";
import { engineHome, linkExecutables, linkPlugin, type Origin, pluginDirectory, writePortablePlugin } from "./home.ts";
import { cliMirrorVariable, pluginMirrorVariable } from "./official.ts";
import { builtParts } from "./parts.ts";
import { chooseCli, choosePlugin } from "./selection.ts";
import { type PluginName, pluginNames, plugins } from "./versions.ts";

export type Origins = Partial<Record<"cli" | "languageHost" | PluginName, Origin>>;

export interface Engine {
  /** The CLI's path. */
  readonly cli: string;
  /** The PULUMI_HOME that holds exactly these parts. */
  readonly home: string;
  /** What a process needs so that `pulumi` runs, finds its plugins, and fetches none by itself. */
  readonly env: Readonly<Record<string, string>>;
  readonly origins: Origins;
}

export interface EngineOptions {
  /** The plugins that will run; all of the project's by default. */
  readonly needs?: readonly PluginName[];
  /** Looks again for official downloads, although they were not to be had before. */
  readonly again?: boolean;
  /** Ends what is being built. */
  readonly signal?: AbortSignal;
}

/** Makes an engine available: what the machine has, else the official downloads, else a build. Once made, it is there in no time. */
export async function ensureEngine(options: EngineOptions, report: Report): Promise<Engine> {
  const home = engineHome(choiceKey());
  const needs = options.needs ?? pluginNames;
  const found = readOrigins(home);
  if (!options.again && isComplete(home, found, needs)) return engineAt(home, found);
  const make = async (): Promise<void> => {
    const origins: Origins = options.again ? {} : { ...readOrigins(home) };
    if (!origins.cli) Object.assign(origins, await makeCli(home, options, report));
    for (const name of needs) origins[name] ??= await makePlugin(home, name, options, report);
    writeWhole(join(home, "engine.json"), `${JSON.stringify(origins)}\n`, 0o644);
  };
  await withLock(`${home}.lock`, "making the engine available", 45 * 60, make, options.signal);
  return engineAt(home, readOrigins(home));
}

/** The engine as it is now, without making anything; undefined where there is none yet. */
export function engineNow(): Engine | undefined {
  const home = engineHome(choiceKey());
  const origins = readOrigins(home);
  return isComplete(home, origins, []) ? engineAt(home, origins) : undefined;
}

async function makeCli(home: string, { again = false, signal }: EngineOptions, report: Report): Promise<Origins> {
  const { files, cli, languageHost } = await chooseCli(again, report, signal);
  linkExecutables(home, files);
  return { cli, languageHost };
}

async function makePlugin(
  home: string,
  name: PluginName,
  { again = false, signal }: EngineOptions,
  report: Report,
): Promise<Origin> {
  const { origin, source } = await choosePlugin(name, again, report, signal);
  if (source === undefined) writePortablePlugin(home, name, origin);
  else linkPlugin(home, name, source, origin);
  return origin;
}

function engineAt(home: string, origins: Origins): Engine {
  const bin = join(home, "bin");
  const node = dirname(process.execPath);
  const rest = (process.env["PATH"] ?? "").split(":").filter((entry) => entry !== bin && entry !== node);
  return {
    cli: join(bin, "pulumi"),
    home,
    env: {
      PATH: [bin, node, ...rest].join(":"),
      PULUMI_HOME: home,
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
      // The engine would take a plugin that it finds on PATH, of whatever version, before the one that was chosen.
      PULUMI_IGNORE_AMBIENT_PLUGINS: "true",
      // A quarter of a small preview is spent on compiling the same packages again.
      NODE_COMPILE_CACHE: join(cacheDirectory, "node-compile"),
      // The CLI's heap is small: collecting garbage at each doubling of it costs a fifth of a preview.
      GOGC: "800",
    },
    origins,
  };
}

function isComplete(home: string, origins: Origins, needs: readonly PluginName[]): boolean {
  const executables = needs.map((name) => join(pluginDirectory(home, name), `pulumi-resource-${name}`));
  const all = [join(home, "bin", "pulumi"), join(home, "bin", "pulumi-language-nodejs"), ...executables];
  return needs.every((name) => origins[name]) && all.every((path) => existsSync(path));
}

/** Written last: what it names is there. */
function readOrigins(home: string): Origins {
  const file = join(home, "engine.json");
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Origins) : {};
}

/** Of all that decides which parts run; the checkout's path is in the home's name. */
function choiceKey(): string {
  return digestOf(
    [
      JSON.stringify(plugins),
      ...Object.values(builtParts).map(goPartKey),
      process.execPath,
      process.env[cliMirrorVariable] ?? "",
      process.env[pluginMirrorVariable] ?? "",
      ...existingFingerprint(process.env, cacheDirectory),
    ],
    [],
  );
}
