import { registryPaths } from "../../components/registry/registry.render.ts";
import { renderReplicated } from "../../components/registry/replication.render.ts";
import { fills } from "../../environments/model/registry.ts";
import type { Host, Site } from "../../environments/model/topology.ts";
import { main, UserError } from "../console/errors.ts";
import { ask } from "../deploy/ask.ts";
import { command } from "../deploy/cli.ts";
import { behind, copies, readFollowed, renderFollowedUntil } from "../deploy/followed.ts";
import { hostsWith, type Place } from "../deploy/place.ts";
import { platformInPlace } from "../deploy/platform.ts";
import { parityOf, readInventory } from "./parity.ts";
import { parityProblems, renderInventories, renderParity } from "./report.ts";

async function status(of: { readonly platform: string }): Promise<number> {
  const platform = platformInPlace(of.platform);
  const { sites, flavors, registry } = platform.topology;
  if (flavors.registry === "harbor")
    throw new UserError("flavors.registry: this command can't read Harbor yet; its own pages show what each site has");
  const at = (site: Site): { readonly place: Place; readonly host: Host } => {
    const place = { ...platform, site };
    const [host] = hostsWith(place, "registry");
    if (!host) throw new UserError(`${site.name}: its registry is out of service; nothing can be compared`);
    return { place, host };
  };
  const asked = async (site: Site, service: string, words: readonly string[]): Promise<string> => {
    const { place, host } = at(site);
    return ask(place, host, service, words);
  };
  const listed = await Promise.all(
    sites.map(
      async (site) => [site.name, readInventory(await asked(site, "registry", ["bash", registryPaths.inventory]))] as const,
    ),
  );
  const inventories = new Map(listed);
  const [active, standby] = [sites.find(fills), sites.find((site) => !fills(site))];
  const [here, there] = [inventories.get(active?.name ?? ""), inventories.get(standby?.name ?? "")];
  if (!active || !standby || !here || !there)
    throw new UserError(`${of.platform}: it has not two sites whose registries could be compared`);
  const parity = parityOf(here, there);
  const { everyMinutes } = registry.replication;
  const [followed, now] = [
    readFollowed(await asked(active, "registry-replication", ["sh", "-c", renderReplicated()])),
    Date.now(),
  ];
  const problems = [...parityProblems(parity, standby.name), ...behind(copies.registry, followed, everyMinutes, now)];
  const lines = [
    renderInventories(inventories),
    ...renderParity(parity, standby.name),
    `${standby.name}: ${renderFollowedUntil(copies.registry, followed, now)}, compared every ${everyMinutes} min`,
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
      "what each site's registry holds, and what the standby's lacks of the active site's; fails when it lacks something or is not compared in time",
    )
    .option("--platform <name>", "the platform", "lab")
    .action(async (of: { readonly platform: string }) => {
      code = await status(of);
    });
  await program.parseAsync();
  return code;
});
