import { fills } from "../../environments/model/registry.ts";
import { readOutputs } from "../deploy/stack-outputs.ts";
import type { DeployedPlatform } from "../deploy/surroundings.ts";
import { inventoriesOf } from "./inventories.ts";
import { type Inventory, parityOf } from "./parity.ts";
import { listed } from "./report.ts";

// A site becomes the active one only with every image of the site that was: a pod of which no registry has the image doesn't start again.

/** Two sites that change their roles. */
interface Promotion {
  readonly from: string;
  readonly to: string;
}

/** Why a site may not become the active one, and what to do. */
interface Refusal {
  readonly problem: string;
  readonly remedy: string;
}

/** Whether a site that is to become the active one may not. */
export async function promotionRefusal(platform: DeployedPlatform, deployed: ReadonlySet<string>): Promise<Refusal | undefined> {
  const promotion = await promotionOf(platform, deployed);
  if (!promotion) return undefined;
  const { from, to } = promotion;
  const problem = await inventoriesOf(platform).then(
    (inventories) => lackOf(promotion, inventories),
    (error: Error) => `its registry could not be compared with ${from}'s: ${error.message}`,
  );
  if (problem === undefined) return undefined;
  return {
    problem: `${to} is to become the active site, and ${problem}`,
    remedy: `Nothing was changed. Give the sites the roles that they had, look (npm run registry -- status --platform ${platform.name}), and change them when all images are there. If ${from} is lost, or ${to} can do without: the same command with --without-images`,
  };
}

/**
 * The declared roles are compared with what the stack of the site's registry recorded: one that an interrupted `up` left behind is still a standby's.
 * Where nothing is recorded its first `up` did not end, and has to go on.
 */
async function promotionOf(
  { topology, stacks, project }: DeployedPlatform,
  deployed: ReadonlySet<string>,
): Promise<Promotion | undefined> {
  const to = topology.sites.find(fills);
  const from = topology.sites.find((site) => !fills(site));
  const stack = stacks.find(({ kind, site }) => kind === "services" && site === to?.name);
  if (!to || !from || !stack || !deployed.has(stack.name)) return undefined;
  const { values } = await readOutputs(project, stack.name);
  return values["role"] === "standby" ? { from: from.name, to: to.name } : undefined;
}

/** What the new active site's registry has not, or has otherwise, of the old one's. */
export function lackOf({ from, to }: Promotion, inventories: ReadonlyMap<string, Inventory>): string | undefined {
  const { missing, different } = parityOf(inventories.get(from) ?? new Map(), inventories.get(to) ?? new Map());
  if (missing.length + different.length === 0) return undefined;
  const count = `${missing.length} images of ${from}'s are missing in its registry, and ${different.length} are others than there`;
  return [`${count}:`, ...listed("missing", missing), ...listed("other", different)].join("\n");
}
