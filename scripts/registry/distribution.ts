import { registryPaths } from "../../components/registry/registry.render.ts";
import { renderReplicated } from "../../components/registry/replication.render.ts";
import { fills } from "../../environments/model/registry.ts";
import type { Host, Site } from "../../environments/model/topology.ts";
import { UserError } from "../console/errors.ts";
import { ask } from "../deploy/ask.ts";
import { readFollowed } from "../deploy/followed.ts";
import { hostsWith, type Place } from "../deploy/place.ts";
import type { PlatformInPlace } from "../deploy/platform.ts";
import { type PairState, readInventory } from "./parity.ts";

/** Asks the programs of both registries' hosts. */
export async function distributionPair(platform: PlatformInPlace): Promise<PairState> {
  const { sites } = platform.topology;
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
  const active = sites.find(fills);
  const replicated = active && (await asked(active, "registry-replication", ["sh", "-c", renderReplicated()]));
  return { inventories: new Map(listed), followed: readFollowed(replicated ?? ""), otherwise: [] };
}
