import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { extract } from "tar";
import { UserError } from "../console/errors.ts";
import type { Report } from "../console/steps.ts";
import { cached, cachedAlready } from "./cache.ts";
import { downloadVerified } from "./download.ts";
import { cliVersion, type PluginName, plugins } from "./versions.ts";

/** Where the CLI's archive and its checksums are, where not at the official place: a mirror's directory. */
export const cliMirrorVariable = "TANDEM_PULUMI_DOWNLOAD_URL";
/** Pulumi's own variable for mirrors of plugins: `regexp=URL,regexp=URL`. */
export const pluginMirrorVariable = "PULUMI_PLUGIN_DOWNLOAD_URL_OVERRIDES";

export interface Download {
  readonly key: string;
  readonly base: string;
  readonly archive: string;
  readonly checksums: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Releases have the archives and, beside them, a list of SHA-256 sums: https://github.com/pulumi/pulumi/releases */
const releases = (repository: string, version: string): string =>
  `https://github.com/pulumi/${repository}/releases/download/v${version}`;

export function cliDownload(env: Environment = process.env): Download {
  return {
    key: `pulumi-${cliVersion}-official-${process.arch}`,
    base: (env[cliMirrorVariable] || releases("pulumi", cliVersion)).replace(/\/+$/, ""),
    archive: `pulumi-v${cliVersion}-linux-${process.arch}.tar.gz`,
    checksums: `pulumi-${cliVersion}-checksums.txt`,
  };
}

export function pluginDownload(name: PluginName, env: Environment = process.env): Download {
  const version = plugins[name];
  const arch = process.arch === "x64" ? "amd64" : process.arch;
  const base = overridden(name, env[pluginMirrorVariable] ?? "") ?? releases(`pulumi-${name}`, version);
  return {
    key: `pulumi-resource-${name}-${version}-official-${process.arch}`,
    base: filledIn(base, { VERSION: version, OS: "linux", ARCH: arch }).replace(/\/+$/, ""),
    archive: `pulumi-resource-${name}-v${version}-linux-${arch}.tar.gz`,
    checksums: `pulumi-${name}_${version}_checksums.txt`,
  };
}

/** The engine matches a plugin's two usual addresses with the pairs in turn, and puts groups in by name and number. */
function overridden(name: string, pairs: string): string | undefined {
  if (pairs === "") return undefined;
  const parsed = pairs.split(",").map((pair) => parsePair(pair, pairs));
  for (const address of [`github://api.github.com/pulumi/pulumi-${name}`, "https://get.pulumi.com/releases/plugins"]) {
    for (const [pattern, url] of parsed) {
      const match = pattern.exec(address);
      if (!match) continue;
      return match.reduce((text, value, index) => text.replaceAll(`$${index}`, value), filledIn(url, match.groups ?? {}));
    }
  }
  return undefined;
}

/** Puts values in for `${name}`. */
const filledIn = (text: string, values: Readonly<Record<string, string>>): string =>
  text.replaceAll(/\$\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);

function parsePair(pair: string, pairs: string): [RegExp, string] {
  const [pattern, url, ...rest] = pair.split("=");
  if (!pattern || !url || rest.length > 0) {
    throw new UserError(`${pluginMirrorVariable}: "${pairs}" is not understood; allowed: regexp=URL pairs, separated by commas`);
  }
  return [new RegExp(pattern.replaceAll("(?P<", "(?<")), url];
}

/** The directory of an official part that is in the cache already. */
export const downloadedAlready = (download: Download): string | undefined => cachedAlready(download.key);

/** Downloads, verifies and unpacks an official archive into the cache; `DownloadRefused` when its place does not give it. */
export async function fetchOfficial(download: Download, report: Report, signal?: AbortSignal): Promise<string> {
  const fetch = async (directory: string): Promise<void> => {
    const archive = join(directory, download.archive);
    await downloadVerified(download.base, download.archive, download.checksums, archive, report, signal);
    mkdirSync(join(directory, "content"));
    await extract({ file: archive, cwd: join(directory, "content") });
    rmSync(archive);
  };
  return await cached(download.key, `downloading ${download.archive}`, fetch, { signal });
}
