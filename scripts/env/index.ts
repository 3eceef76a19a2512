import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Command, Option } from "commander";
import { EnvironmentError } from "../../environments/model/errors.ts";
import { endingExceptions } from "../../environments/model/flows/findings.ts";
import { jsonSchemaText } from "../../environments/model/json-schema.ts";
import { checkEnvironmentFile, environmentsDirectory, loadEnvironment, platforms } from "../../environments/model/load.ts";
import { topologyOf } from "../../environments/model/topology-of.ts";
import { main } from "../console/errors.ts";
import { compare } from "./compare.ts";
import { renderMermaid } from "./mermaid.ts";
import { renderOutages } from "./outages.ts";
import { renderPicture } from "./picture.ts";
import { renderMarkdown, renderText } from "./render-changes.ts";
import { readSource } from "./source.ts";
import { renderTables } from "./tables.ts";

const out = (text: string): boolean => process.stdout.write(text);

function check(file: string | undefined, { today }: { today: string }): void {
  const messages: string[] = [];
  for (const source of file === undefined ? platforms() : [file]) {
    try {
      const topology = topologyOf(checkEnvironmentFile(source, today));
      const { sites } = topology;
      const hosts = sites.flatMap(({ zones }) => zones.flatMap((zone) => zone.hosts)).length;
      out(`${source}: sound; ${sites.length} sites, ${sites[0]?.zones.length ?? 0} zones each, ${hosts} hosts\n`);
      for (const { flow, what } of endingExceptions(topology, today)) out(`${source}: warning: flow ${flow}: ${what}\n`);
    } catch (error) {
      if (!(error instanceof EnvironmentError)) throw error;
      messages.push(error.message);
    }
  }
  if (messages.length === 0) return;
  process.stderr.write(`${messages.join("\n")}\n`);
  process.exitCode = 1;
}

function show(platform: string, { format }: { format: string }): void {
  const environment = loadEnvironment(platform);
  const topology = topologyOf(environment);
  if (format === "json") out(`${JSON.stringify(topology, null, 2)}\n`);
  else if (format === "mermaid") out(renderMermaid(topology));
  else if (format === "svg") out(renderPicture(topology, environment.zones));
  else out(renderTables(topology));
}

function outages(platform: string): void {
  out(renderOutages(topologyOf(loadEnvironment(platform))));
}

function diff(a: string, b: string, { format, addresses }: { format: string; addresses?: true }): void {
  const [before, after] = [topologyOf(readSource(a, b)), topologyOf(readSource(b, a))];
  const changes = compare(before, after, { withAddresses: addresses === true || before.platform === after.platform });
  if (format === "json") out(`${JSON.stringify(changes, null, 2)}\n`);
  else out((format === "markdown" ? renderMarkdown : renderText)(changes, a, b));
}

function schema(): void {
  const path = join(environmentsDirectory, "schema.json");
  writeFileSync(path, jsonSchemaText());
  out(`${path}: written\n`);
}

await main(async () => {
  const program = new Command("env").description("Checks, shows and compares environment files");
  program
    .command("check")
    .description("says everything that is wrong with an environment file; without one, with every platform's")
    .argument("[file]", "a platform or a file")
    .option("--today <date>", "the day against which exceptions expire", new Date().toISOString().slice(0, 10))
    .action(check);
  program
    .command("show")
    .description("what is where")
    .argument("<platform>", "a platform or a file")
    .addOption(new Option("--format <format>", "how").choices(["table", "json", "mermaid", "svg"]).default("table"))
    .action(show);
  program
    .command("outages")
    .description("how long a client is without service after each single failure, and what that is made of")
    .argument("<platform>", "a platform or a file")
    .action(outages);
  program
    .command("diff")
    .description("what differs between two platforms, files or commits, in the platform's own terms")
    .argument("<a>", "a platform, a file, <git ref>:<platform or path>, or a git ref")
    .argument("<b>", "the same")
    .option("--addresses", "compare addresses and VLANs of different platforms too")
    .addOption(new Option("--format <format>", "how").choices(["text", "markdown", "json"]).default("text"))
    .action(diff);
  program.command("schema").description("writes environments/schema.json for editors").action(schema);
  await program.parseAsync();
  return process.exitCode === 1 ? 1 : 0;
});
