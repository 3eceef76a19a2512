import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Report } from "../console/steps.ts";
import { closedBefore, noteClosed } from "./closed.ts";
import { DownloadRefused } from "./download.ts";
import { existingCli, existingPlugin } from "./existing.ts";
import { buildGo } from "./go-build.ts";
import type { Origin } from "./home.ts";
import { cliDownload, type Download, downloadedAlready, fetchOfficial, pluginDownload } from "./official.ts";
import { builtParts } from "./parts.ts";
import { bridgedPlugins, cliVersion, languageHostVersion, type PluginName, plugins } from "./versions.ts";

export interface ChosenCli {
  /** The executables that belong on PATH. */
  readonly files: readonly string[];
  readonly cli: Origin;
  readonly languageHost: Origin;
}

export interface ChosenPlugin {
  readonly origin: Origin;
  /** The plugin's directory, or its executable when built; none when portable. */
  readonly source?: string;
}

/** The CLI and its language host: what the machine has, else the official archive, else a build. */
export async function chooseCli(again: boolean, report: Report, signal?: AbortSignal): Promise<ChosenCli> {
  const existing = await existingCli();
  if (existing) return official(executablesIn(existing.directory), existing.reason);
  const download = await tryOfficial(cliDownload(), again, report, signal);
  if ("directory" in download) return official(executablesIn(join(download.directory, "content", "pulumi")), download.reason);
  const languageHost = await buildGo(builtParts.languageHost, report, signal);
  const cli = await buildGo(builtParts.cli, report, signal);
  return {
    files: [cli, languageHost],
    cli: { origin: "built", version: cliVersion, reason: download.refused },
    languageHost: { origin: "built", version: languageHostVersion, reason: download.refused },
  };
}

/** A plugin: what the machine has, else the official archive, else a build, or where none can be built, the portable one. */
export async function choosePlugin(
  name: PluginName,
  again: boolean,
  report: Report,
  signal?: AbortSignal,
): Promise<ChosenPlugin> {
  const version = plugins[name];
  const existing = existingPlugin(name);
  if (existing) return { origin: { origin: "official", version, reason: `found at ${existing}` }, source: existing };
  const download = await tryOfficial(pluginDownload(name), again, report, signal);
  if ("directory" in download) {
    return { origin: { origin: "official", version, reason: download.reason }, source: join(download.directory, "content") };
  }
  if (!(bridgedPlugins as readonly string[]).includes(name)) {
    return { origin: { origin: "portable", version, reason: download.refused } };
  }
  const source = await buildGo(builtParts.bridged, report, signal);
  return { origin: { origin: "built", version, reason: download.refused }, source };
}

type Outcome = { readonly directory: string; readonly reason: string } | { readonly refused: string };

async function tryOfficial(download: Download, again: boolean, report: Report, signal?: AbortSignal): Promise<Outcome> {
  const there = downloadedAlready(download);
  if (there) return { directory: there, reason: `downloaded before, from ${download.base}` };
  const closed = again ? undefined : closedBefore(download.base);
  if (closed) return { refused: closed };
  try {
    return { directory: await fetchOfficial(download, report, signal), reason: `downloaded from ${download.base}` };
  } catch (error) {
    // A download that the user broke off says nothing about its place.
    signal?.throwIfAborted();
    if (!(error instanceof DownloadRefused)) throw error;
    noteClosed(download.base, error.message);
    return { refused: error.message };
  }
}

function official(files: readonly string[], reason: string): ChosenCli {
  const origin: Origin = { origin: "official", version: cliVersion, reason };
  return { files, cli: origin, languageHost: origin };
}

/** Of what lies beside the CLI only what this project runs: a directory on PATH may hold anything. */
const executablesIn = (directory: string): string[] =>
  ["pulumi", "pulumi-language-nodejs", "pulumi-analyzer-policy"]
    .map((name) => join(directory, name))
    .filter((file) => existsSync(file));
