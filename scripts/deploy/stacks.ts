import Table from "cli-table3";
import { platforms } from "../../environments/model/load.ts";
import { main } from "../console/errors.ts";
import { command } from "./cli.ts";
import { holdingsOf } from "./holdings.ts";
import { type Platform, readPlatform } from "./platform.ts";

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

if (import.meta.main) {
  await main(async () => {
    const { platform } = command("stacks", "lists the stacks with their order")
      .option("--platform <name>", "only this platform's (default: all)")
      .parse()
      .opts<{ platform?: string }>();
    const names = platform === undefined ? platforms() : [platform];
    process.stdout.write(`${names.map((name) => renderStacks(readPlatform(name))).join("\n\n")}\n`);
    return 0;
  });
}
