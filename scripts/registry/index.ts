import { fills } from "../../environments/model/registry.ts";
import { main, UserError } from "../console/errors.ts";
import { command } from "../deploy/cli.ts";
import { behind, copies, renderFollowedUntil } from "../deploy/followed.ts";
import { platformInPlace } from "../deploy/platform.ts";
import { openPlatform } from "../deploy/surroundings.ts";
import { distributionPair } from "./distribution.ts";
import { fill } from "./fill.ts";
import { applyToHarbor, harborPair } from "./harbor/pair.ts";
import { parityOf } from "./parity.ts";
import { parityProblems, renderInventories, renderParity } from "./report.ts";

interface Of {
  readonly platform: string;
}

const tell = (text: string): void => void process.stderr.write(`${text}\n`);

async function status(of: Of): Promise<number> {
  const platform = platformInPlace(of.platform);
  const { sites, flavors, registry } = platform.topology;
  const [active, standby] = [sites.find(fills), sites.find((site) => !fills(site))];
  if (!active || !standby) throw new UserError(`${of.platform}: it has not two sites whose registries could be compared`);
  const pair = await (flavors.registry === "harbor"
    ? harborPair(await openPlatform(of.platform, tell))
    : distributionPair(platform));
  const parity = parityOf(pair.inventories.get(active.name) ?? new Map(), pair.inventories.get(standby.name) ?? new Map());
  const { everyMinutes } = registry.replication;
  const now = Date.now();
  const problems = [
    ...parityProblems(parity, standby.name),
    ...behind(copies.registry, pair.followed, everyMinutes, now),
    ...pair.otherwise,
  ];
  const lines = [
    renderInventories(pair.inventories),
    ...renderParity(parity, standby.name),
    `${standby.name}: ${renderFollowedUntil(copies.registry, pair.followed, now)}, compared every ${everyMinutes} min`,
    ...problems.map((problem) => `NOT WELL: ${problem}`),
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
  return problems.length === 0 ? 0 : 1;
}

await main(async () => {
  let code = 0;
  const program = command("registry", "the image registries of a platform's sites");
  program
    .command("status")
    .description(
      "what each site's registry holds, and what the standby's lacks of the active site's; fails when it lacks something, is not compared in time, or an account or a rule is not as declared",
    )
    .option("--platform <name>", "the platform", "lab")
    .action(async (of: Of) => {
      code = await status(of);
    });
  program
    .command("apply")
    .description("makes projects, accounts, rules and replication of both sites' Harbor as they are declared; renews accounts")
    .option("--platform <name>", "the platform", "lab")
    .action(async (of: Of) => {
      const said = await applyToHarbor(await openPlatform(of.platform, tell));
      process.stdout.write(`${said.length === 0 ? "all is as declared" : said.map((what) => `mended: ${what}`).join("\n")}\n`);
    });
  program
    .command("fill")
    .description(
      "brings the platform's images from the seed that the environment file names to the active site's registry, by digest",
    )
    .option("--platform <name>", "the platform", "lab")
    .action(async (of: Of) => fill(await openPlatform(of.platform, tell), tell));
  await program.parseAsync();
  return code;
});
