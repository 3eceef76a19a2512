import Table from "cli-table3";
import { platforms } from "../../environments/model/load.ts";
import { checkout } from "../console/directories.ts";
import { main } from "../console/errors.ts";
import { readLab, requireLab } from "../lab/instance.ts";
import { backendEnv, fileBackendEnv } from "../toolchain/backend.ts";
import { command } from "./cli.ts";
import { readSizes } from "./file-backend.ts";
import { holdingsOf } from "./holdings.ts";
import { type Platform, readPlatform } from "./platform.ts";
import { openPlatform } from "./surroundings.ts";
import { howToRemove, undeclaredStacks } from "./undeclared.ts";

/** The platform's stacks in deployment order: what they hold and what they wait for. */
export function renderStacks(platform: Platform): string {
  const table = new Table({
    head: ["order", "stack", "holds", "waits for"],
    style: { head: [], border: [], compact: true },
    colAligns: ["right"],
  });
  for (const stack of platform.stacks)
    table.push([stack.order + 1, stack.name, holdingsOf(stack, platform.topology), stack.after.join(", ")]);
  return `${platform.name}: ${platform.stacks.length} stacks\n${table.toString()}`;
}

/** Stacks that are deployed and no longer declared, with how to remove them; a lab that is not up has none to be looked at. */
async function renderUndeclared(platform: Platform): Promise<string> {
  if (platform.topology.machines === "lab" && !readLab()) return "";
  const undeclared = undeclaredStacks(platform, await deployedSizes(platform));
  return undeclared.length > 0 ? `\n${howToRemove(platform.name, undeclared)}` : "";
}

/** Read from the files where the backend is of files: the engine would take a second, and a first build of it minutes. */
async function deployedSizes({ name, topology }: Platform): Promise<Map<string, number>> {
  const lab = topology.machines === "lab" ? requireLab() : undefined;
  const { PULUMI_BACKEND_URL: backend = process.env["PULUMI_BACKEND_URL"] ?? "" } = lab
    ? fileBackendEnv(lab.directory)
    : backendEnv();
  return readSizes({ backend, directory: checkout }) ?? (await (await openPlatform(name, () => {})).project.list());
}

if (import.meta.main) {
  await main(async () => {
    const { platform } = command("stacks", "lists the stacks with their order")
      .option("--platform <name>", "only this platform's (default: all)")
      .parse()
      .opts<{ platform?: string }>();
    const names = platform === undefined ? platforms() : [platform];
    const all = names.map((name) => readPlatform(name));
    const parts = await Promise.all(all.map(async (each) => `${renderStacks(each)}${await renderUndeclared(each)}`));
    process.stdout.write(`${parts.join("\n\n")}\n`);
    return 0;
  });
}
