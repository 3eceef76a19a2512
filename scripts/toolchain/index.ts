import Table from "cli-table3";
import { Command } from "commander";
import { main } from "../console/errors.ts";
import { renderTimes, runSteps } from "../console/steps.ts";
import { backendEnv, labEnv, renderEnv } from "./backend.ts";
import { type Engine, engineNow, ensureEngine, type Origins } from "./engine.ts";
import { expectedCli, expectedPlugin } from "./expectation.ts";
import { cliVersion, languageHostVersion, pluginNames, plugins } from "./versions.ts";

const program = new Command("toolchain")
  .description("the engine (CLI, language host and plugins) that this project runs on")
  .option("--verbose", "shows the tools' own output");

program
  .command("status")
  .description("which engine and which plugin of which origin will run, and why")
  .action(async () => {
    const engine = engineNow();
    process.stdout.write(`${await renderStatus(engine?.origins ?? {})}\n`);
    process.stdout.write(engine ? `PULUMI_HOME ${engine.home}\n` : "No engine yet. Make it: npm run toolchain -- ensure\n");
  });

program
  .command("env")
  .description('what a shell needs so that plain "pulumi" works: eval "$(npm run -s toolchain -- env)"')
  .option("--lab", "with the state of this checkout's lab instead of the platform's")
  .action(async (options: { readonly lab?: true }) => {
    const engine = await ensureEngine({}, (text) => process.stderr.write(`${text}\n`));
    process.stdout.write(renderEnv({ ...engine.env, ...(options.lab ? labEnv() : backendEnv()) }));
  });

program
  .command("ensure")
  .description("makes the engine available; asks again for official downloads that were not to be had before")
  .action(async () => {
    let engine: Engine | undefined;
    const step = {
      title: "engine and plugins",
      run: async (report: (text: string) => void) => {
        engine = await ensureEngine({ again: true }, report);
        return "available";
      },
    };
    const times = await runSteps([step]);
    process.stdout.write(`${await renderStatus(engine?.origins ?? {})}\n${renderTimes(times)}\n`);
  });

async function renderStatus(origins: Origins): Promise<string> {
  const table = new Table({
    head: ["part", "version", "origin", "why"],
    style: { head: [], border: [] },
    wordWrap: true,
    colWidths: [20, 10, 13, 80],
  });
  const parts = [
    ["cli", cliVersion, "the engine (CLI)"],
    ["languageHost", languageHostVersion, "Node language host"],
    ...pluginNames.map((name) => [name, plugins[name], `plugin ${name}`] as const),
  ] as const;
  for (const [key, version, title] of parts) {
    const there = origins[key];
    const { origin, reason } = there ?? (key === "cli" || key === "languageHost" ? await expectedCli() : expectedPlugin(key));
    table.push([title, there?.version ?? version, origin, there ? reason : `not there yet; ${reason}`]);
  }
  return table.toString();
}

await main(async () => {
  await program.parseAsync();
  return undefined;
});
