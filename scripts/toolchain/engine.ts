import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { cacheDirectory, checkout } from "../console/directories.ts";
import { withLock } from "../console/lock.ts";
import type { Report } from "../console/steps.ts";
import { digestOf } from "./cache.ts";
import { existingFingerprint } from "./existing.ts";
import { goPartKey } from "./go-build.ts";
import {
  engineHome,
  linkExecutables,
  linkPlugin,
  type Origin,
  pluginDirectory,
  writePolicyRunner,
  writePortablePlugin,
  writeWhole,
} from "./home.ts";
import { cliMirrorVariable, pluginMirrorVariable } from "./official.ts";
import { builtParts } from "./parts.ts";
import { chooseCli, choosePlugin } from "./selection.ts";
import { type PluginName, pluginNames, plugins } from "./versions.ts";

export type Origins = Partial<Record<"cli" | "languageHost" | PluginName, Origin>>;

export interface Engine {
  /** The CLI's path. */
  readonly cli: string;
  /** This checkout's PULUMI_HOME. */
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
}

interface Stamp {
  readonly fingerprint: string;
  readonly origins: Origins;
}

/** Makes an engine available: what the machine has, else the official downloads, else a build. Once made, it is there in no time. */
export async function ensureEngine(options: EngineOptions, report: Report): Promise<Engine> {
  const home = engineHome();
  const needs = options.needs ?? pluginNames;
  const found = readStamp(home);
  if (!options.again && isComplete(home, found, needs)) return engineAt(home, found.origins);
  await withLock(`${home}.lock`, "making the engine available", 45 * 60, async () => {
    const before = readStamp(home);
    const usable = before?.fingerprint === fingerprint() && !options.again ? before.origins : {};
    const origins: Origins = { ...usable };
    if (!origins.cli) Object.assign(origins, await makeCli(home, options.again === true, report));
    for (const name of needs) origins[name] ??= await makePlugin(home, name, options.again === true, report);
    writePolicyRunner(home);
    writeWhole(join(home, "engine.json"), `${JSON.stringify({ fingerprint: fingerprint(), origins } satisfies Stamp)}\n`);
  });
  return engineAt(home, readStamp(home)?.origins ?? {});
}

/** The engine as it is now, without making anything; undefined where there is none or its pins have changed. */
export function engineNow(): Engine | undefined {
  const home = engineHome();
  const stamp = readStamp(home);
  return isComplete(home, stamp, []) ? engineAt(home, stamp.origins) : undefined;
}

async function makeCli(home: string, again: boolean, report: Report): Promise<Origins> {
  const { files, cli, languageHost } = await chooseCli(again, report);
  linkExecutables(home, files);
  return { cli, languageHost };
}

async function makePlugin(home: string, name: PluginName, again: boolean, report: Report): Promise<Origin> {
  const { origin, source } = await choosePlugin(name, again, report);
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
    },
    origins,
  };
}

function isComplete(home: string, stamp: Stamp | undefined, needs: readonly PluginName[]): stamp is Stamp {
  if (stamp?.fingerprint !== fingerprint()) return false;
  const executables = needs.map((name) => join(pluginDirectory(home, name), `pulumi-resource-${name}`));
  const all = [join(home, "bin", "pulumi"), join(home, "bin", "pulumi-language-nodejs"), ...executables];
  return needs.every((name) => stamp.origins[name]) && all.every((path) => existsSync(path));
}

function readStamp(home: string): Stamp | undefined {
  const file = join(home, "engine.json");
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Stamp) : undefined;
}

/** Of all that decides which parts run: when it differs, they are chosen again. */
function fingerprint(): string {
  return digestOf(
    [
      JSON.stringify(plugins),
      ...Object.values(builtParts).map(goPartKey),
      process.execPath,
      checkout,
      process.env[cliMirrorVariable] ?? "",
      process.env[pluginMirrorVariable] ?? "",
      ...existingFingerprint(process.env, cacheDirectory),
    ],
    [],
  );
}
