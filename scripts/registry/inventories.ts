import type { DeployedPlatform } from "../deploy/surroundings.ts";
import { distributionInventories } from "./distribution.ts";
import { harborInventories } from "./harbor/pair.ts";
import type { Inventory } from "./parity.ts";

/** What each site's registry holds, by site, whichever product it is. */
export const inventoriesOf = (platform: DeployedPlatform): Promise<ReadonlyMap<string, Inventory>> =>
  platform.topology.flavors.registry === "harbor" ? harborInventories(platform) : distributionInventories(platform);
