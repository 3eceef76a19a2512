import { setDefaultCACertificates } from "node:tls";
import { declaredHarbor, harborUrl } from "../../../environments/model/harbor.ts";
import { fills, harborPassword, projectsOf, registryAccounts, registryPassword } from "../../../environments/model/registry.ts";
import type { Site, Topology } from "../../../environments/model/topology.ts";
import { UserError } from "../../console/errors.ts";
import { readOutputs, textAmong } from "../../deploy/stack-outputs.ts";
import type { DeployedPlatform } from "../../deploy/surroundings.ts";
import { authoritiesOf } from "../authorities.ts";
import { type Inventory, inventoryOf, type PairState } from "../parity.ts";
import { HarborClient } from "./client.ts";
import { converge } from "./convergence.ts";
import { followedFrom, imagesOf } from "./state.ts";

interface SiteHarbor {
  readonly site: Site;
  readonly client: HarborClient;
  /** What is not as declared; made so where that is wanted. */
  otherwise(apply: boolean): Promise<string[]>;
}

/** Asks both sites' Harbor at their VIPs, as their administrator. */
export async function harborPair(platform: DeployedPlatform): Promise<PairState> {
  const { topology } = platform;
  const both = await harborsOf(platform);
  const inventories = await inventoriesOf(topology, both);
  const active = both.find(({ site }) => fills(site));
  if (!active) throw new Error(`${topology.platform}: no site is active; the environment was not checked by its rules`);
  const otherwise = await Promise.all(
    both.map(async (each) => (await each.otherwise(false)).map((what) => `${each.site.name}: ${what}`)),
  );
  return { inventories, followed: await followedFrom(active.client), otherwise: otherwise.flat() };
}

export const harborInventories = async (platform: DeployedPlatform): Promise<ReadonlyMap<string, Inventory>> =>
  inventoriesOf(platform.topology, await harborsOf(platform));

async function inventoriesOf(topology: Topology, both: readonly SiteHarbor[]): Promise<ReadonlyMap<string, Inventory>> {
  const { exceptTags } = topology.registry.replication;
  const listed = both.map(
    async ({ site, client }) => [site.name, inventoryOf(await imagesOf(client, projectsOf(topology), exceptTags))] as const,
  );
  return new Map(await Promise.all(listed));
}

/** Makes both sites' Harbor as declared, the standby's first: there are never two directions. Says what was otherwise. */
export async function applyToHarbor(platform: DeployedPlatform): Promise<string[]> {
  const standbyFirst = (await harborsOf(platform)).toSorted((a, b) => Number(fills(a.site)) - Number(fills(b.site)));
  const said: string[] = [];
  for (const { site, otherwise } of standbyFirst) said.push(...(await otherwise(true)).map((what) => `${site.name}: ${what}`));
  return said;
}

async function harborsOf({ topology, project }: DeployedPlatform): Promise<SiteHarbor[]> {
  if (topology.flavors.registry !== "harbor")
    throw new UserError(
      `flavors.registry: ${topology.flavors.registry}: its accounts and rules are in files, which npm run up writes`,
    );
  const trust = await readOutputs(project, `${topology.platform}-trust`);
  setDefaultCACertificates(authoritiesOf(topology, trust));
  const password = (name: string): string =>
    textAmong(trust, ["passwords", registryPassword(name)], "Harbor knows an account by");
  const passwords = Object.fromEntries(registryAccounts(topology).map(({ name }) => [name, password(name)]));
  const administrator = textAmong(trust, ["passwords", harborPassword("administrator")], "Harbor's administrator logs in with");
  return topology.sites.map((site) => {
    const client = new HarborClient({ url: harborUrl(site), account: "admin", password: administrator });
    const otherwise = (apply: boolean) => converge(client, declaredHarbor(topology, site), { passwords, now: new Date(), apply });
    return { site, client, otherwise };
  });
}
