import { Option } from "commander";
import { nasPaths } from "../../components/storage/ganesha.render.ts";
import { renderFollowed } from "../../components/storage/replication.render.ts";
import { exportsOf } from "../../environments/model/exports.ts";
import { loadEnvironment } from "../../environments/model/load.ts";
import { topologyOf } from "../../environments/model/topology-of.ts";
import { volumesOf } from "../../environments/model/volumes.ts";
import { main, UserError } from "../console/errors.ts";
import { ask } from "../deploy/ask.ts";
import { command } from "../deploy/cli.ts";
import { behind, copies, readFollowed, renderFollowedUntil } from "../deploy/followed.ts";
import { hostsWith, type Place, siteNamed } from "../deploy/place.ts";
import { platformInPlace } from "../deploy/platform.ts";
import { renderExportsFile, renderExportsMarkdown } from "./exports.ts";
import { renderUse } from "./report.ts";
import { readUse, unwell } from "./use.ts";

interface Of {
  readonly platform: string;
  readonly site?: string;
}

async function status(of: Of): Promise<number> {
  const platform = platformInPlace(of.platform);
  const { topology } = platform;
  const site = siteNamed(platform, of.site);
  const place = { ...platform, site };
  if (topology.flavors.nas === "external")
    throw new UserError(
      `${site.name}: its NAS is the company's own, which alone can tell what it holds; what is declared of it: npm run nas -- exports --platform ${of.platform} --site ${site.name}`,
    );
  const [host] = hostsWith(place, "nas");
  if (!host) throw new UserError(`${site.name}: its NAS is out of service`);
  const following = await followedOf(place);
  process.stderr.write(`${host.name}: adds up what its directories hold; with millions of files it takes minutes\n`);
  const [use, volumes] = [readUse(await ask(place, host, "nas", ["sh", nasPaths.measure])), volumesOf(topology)];
  const problems = [...unwell(use, volumes), ...following.problems];
  const lines = [renderUse(host.name, use, volumes), following.text, ...problems.map((problem) => `NOT WELL: ${problem}`)];
  process.stdout.write(`${lines.join("\n")}\n`);
  return problems.length === 0 ? 0 : 1;
}

/** How far the standby site's NAS follows the active site's, whichever site is looked at. */
async function followedOf(place: Place): Promise<{ readonly text: string; readonly problems: readonly string[] }> {
  const standby = place.topology.sites.find(({ role }) => role === "standby");
  const [host] = standby ? hostsWith({ site: standby }, "nas") : [];
  const { nasReplication } = place.topology;
  if (!host || !nasReplication) {
    const text = "nothing follows the active site's NAS: the standby site's is out of service";
    return { text, problems: [text] };
  }
  const [followed, now] = [readFollowed(await ask(place, host, "nas-replication", ["sh", "-c", renderFollowed()])), Date.now()];
  const problems = behind(copies.nas, followed, nasReplication.everyMinutes, now).map((problem) => `${host.name}: ${problem}`);
  return {
    text: `${host.name}: ${renderFollowedUntil(copies.nas, followed, now)}, copied every ${nasReplication.everyMinutes} min`,
    problems,
  };
}

function exported({ platform, site: name, format }: Of & { readonly format: string }): void {
  const topology = topologyOf(loadEnvironment(platform));
  const site = siteNamed({ topology }, name);
  const sheet = { site: site.name, path: topology.nasPath, exports: exportsOf(topology, site), volumes: volumesOf(topology) };
  process.stdout.write((format === "exports" ? renderExportsFile : renderExportsMarkdown)(sheet));
}

await main(async () => {
  let code = 0;
  const program = command("nas", "the NAS of a platform's sites: what it holds, and what it lets whom mount");
  const site = ["--site <site>", "default: the active site"] as const;
  program
    .command("status")
    .description("what each volume holds of what is declared for it; fails when one holds more, or the disk is nearly full")
    .option("--platform <name>", "the platform", "lab")
    .option(...site)
    .action(async (of: Of) => {
      code = await status(of);
    });
  program
    .command("exports")
    .description("what the NAS must export to whom, for the administrator of one that is not ours")
    .option("--platform <name>", "the platform", "reference")
    .option(...site)
    .addOption(
      new Option("--format <format>", "markdown, or exports as a Linux server reads them (exports(5))")
        .choices(["markdown", "exports"])
        .default("markdown"),
    )
    .action(exported);
  await program.parseAsync();
  return code;
});
