import { existsSync, realpathSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, sep } from "node:path";
import { execa } from "execa";
import { cacheDirectory } from "../console/directories.ts";
import { cliVersion, type PluginName, plugins } from "./versions.ts";

type Environment = Readonly<Record<string, string | undefined>>;

export interface ExistingCli {
  /** The directory that holds the CLI and its language host. */
  readonly directory: string;
  readonly reason: string;
}

/** What this machine has already, apart from what the tool chain itself made (which a shell may have on its PATH). */
export async function existingCli(env: Environment = process.env, ours = cacheDirectory): Promise<ExistingCli | undefined> {
  for (const file of cliCandidates(env, ours)) {
    const result = await execa(file, ["version"], { reject: false, env: { PULUMI_SKIP_UPDATE_CHECK: "true" }, timeout: 20_000 });
    if (result.failed || result.stdout.trim() !== `v${cliVersion}`) continue;
    const directory = dirname(realpathSync(file));
    if (existsSync(join(directory, "pulumi-language-nodejs"))) return { directory, reason: `found at ${file}` };
  }
  return undefined;
}

/** The directory of an official plugin in the user's own PULUMI_HOME; one that is still being installed does not count. */
export function existingPlugin(name: PluginName, env: Environment = process.env, ours = cacheDirectory): string | undefined {
  const directory = join(userHome(env), "plugins", `resource-${name}-v${plugins[name]}`);
  const whole = existsSync(join(directory, `pulumi-resource-${name}`)) && !existsSync(`${directory}.partial`);
  return whole && isForeign(directory, ours) ? directory : undefined;
}

/** Changes when something that could be used instead appears, changes or goes away; costs no process. */
export function existingFingerprint(env: Environment = process.env, ours = cacheDirectory): string[] {
  const files = cliCandidates(env, ours).map((file) => {
    const { mtimeMs, size } = statSync(file);
    return `${file} ${mtimeMs} ${size}`;
  });
  const found = (Object.keys(plugins) as PluginName[]).map((name) => existingPlugin(name, env, ours) ?? `no ${name}`);
  return [...files, ...found];
}

function cliCandidates(env: Environment, ours: string): string[] {
  const directories = [...(env["PATH"] ?? "").split(":").filter((entry) => entry.startsWith("/")), join(userHome(env), "bin")];
  const files = directories.map((directory) => join(directory, "pulumi"));
  return [...new Set(files)].filter((file) => existsSync(file) && isForeign(file, ours));
}

const userHome = (env: Environment): string => env["PULUMI_HOME"] || join(env["HOME"] || homedir(), ".pulumi");

function isForeign(path: string, ours: string): boolean {
  const root = existsSync(ours) ? realpathSync(ours) : ours;
  return !path.startsWith(ours + sep) && !realpathSync(path).startsWith(root + sep);
}
