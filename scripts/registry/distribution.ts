import { registryPaths } from "../../components/registry/registry.render.ts";
import { renderReplicated } from "../../components/registry/replication.render.ts";
import { fills } from "../../environments/model/registry.ts";
import type { Site } from "../../environments/model/topology.ts";
import { UserError } from "../console/errors.ts";
import { ask } from "../deploy/ask.ts";
import { readFollowed } from "../deploy/followed.ts";
import { hostsWith } from "../deploy/place.ts";
import type { PlatformInPlace } from "../deploy/platform.ts";
import { type Inventory, type PairState, readInventory } from "./parity.ts";

/** Asks the programs of both registries' hosts. */
export async function distributionPair(platform: PlatformInPlace): Promise<PairState> {
  const inventories = await distributionInventories(platform);
  const active = platform.topology.sites.find(fills);
  const replicated = active && (await asked(platform, active, "registry-replication", ["sh", "-c", renderReplicated()]));
  return { inventories, followed: readFollowed(replicated ?? ""), otherwise: [] };
}

export async function distributionInventories(platform: PlatformInPlace): Promise<ReadonlyMap<string, Inventory>> {
  const words = ["bash", registryPaths.inventory];
  const listed = platform.topology.sites.map(
    async (site) => [site.name, readInventory(await asked(platform, site, "registry", words))] as const,
  );
  return new Map(await Promise.all(listed));
}

async function asked(platform: PlatformInPlace, site: Site, service: string, words: readonly string[]): Promise<string> {
  const place = { ...platform, site };
  const [host] = hostsWith(place, "registry");
  if (!host) throw new UserError(`${site.name}: its registry is out of service; nothing can be compared`);
  return ask(place, host, service, words);
}
