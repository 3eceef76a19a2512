import { existsSync, readdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import type { Topology } from "../environments/model/topology.ts";

/** What must be allowed by name, in the variable TANDEM_ALLOW, before an `up` on real machines goes on with it. */
export const permissions = ["portable-plugins", "default-backend"] as const;
export type Permission = (typeof permissions)[number];

/**
 * Refuses an `up` on real machines that a self-built or portable plugin would carry out, or whose state would lie in one person's home.
 * It stands in the program, because people type `pulumi up`.
 */
export function guardRealMachines(topology: Topology): void {
  if (topology.machines !== "ssh" || pulumi.runtime.isDryRun()) return;
  const problems = realMachineProblems(process.env, homedir());
  if (problems.length > 0) throw new pulumi.RunError(problems.join("\n"));
}

/** The reasons why this environment must not deploy to real machines. */
export function realMachineProblems(env: Readonly<NodeJS.ProcessEnv>, home: string): string[] {
  const allowed = new Set((env["TANDEM_ALLOW"] ?? "").split(",").map((word) => word.trim()));
  const problems: string[] = [];
  const unofficial = unofficialPlugins(env["PULUMI_HOME"] || join(home, ".pulumi"));
  if (unofficial.length > 0 && !allowed.has("portable-plugins")) {
    problems.push(
      `plugins: ${unofficial.join(", ")} would run on real machines; allowed are the official ones. Get them by a mirror that ` +
        "PULUMI_PLUGIN_DOWNLOAD_URL_OVERRIDES names, or set TANDEM_ALLOW=portable-plugins to use these all the same.",
    );
  }
  const backend = env["PULUMI_BACKEND_URL"] ?? "";
  if (ofOnePerson(backend, env, home) && !allowed.has("default-backend")) {
    problems.push(
      `state: ${backend || "the default backend"} lies in one person's home, out of the standby site's reach. Set PULUMI_BACKEND_URL to the ` +
        "platform's own backend, or TANDEM_ALLOW=default-backend to use it all the same.",
    );
  }
  return problems;
}

/** Plugins of a PULUMI_HOME that its tool chain marked as not official, as "resource-command-v1.2.1 (portable)". */
function unofficialPlugins(pulumiHome: string): string[] {
  const directory = join(pulumiHome, "plugins");
  if (!existsSync(directory)) return [];
  return readdirSync(directory).flatMap((plugin) => {
    const mark = join(directory, plugin, "origin.json");
    if (!existsSync(mark)) return [];
    const { origin } = JSON.parse(readFileSync(mark, "utf8")) as { origin: string };
    return origin === "official" ? [] : [`${plugin} (${origin})`];
  });
}

/** The default, or a directory in the person's home or in their state, which can lie elsewhere. */
function ofOnePerson(backend: string, env: Readonly<NodeJS.ProcessEnv>, home: string): boolean {
  const own = [home, env["XDG_STATE_HOME"] ?? home].map((directory) => `file://${directory}`);
  return backend === "" || backend.startsWith("file://~") || own.some((url) => backend === url || backend.startsWith(`${url}/`));
}
