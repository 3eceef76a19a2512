import type { Followed } from "../deploy/followed.ts";

// What the registries of both sites hold. Pure.

/** A pair of registries as it was found. */
export interface PairState {
  /** By site. */
  readonly inventories: ReadonlyMap<string, Inventory>;
  /** How far the standby's follows the active site's. */
  readonly followed: Followed;
  /** Accounts and rules that are not as declared. */
  readonly otherwise: readonly string[];
}

export interface Tag {
  readonly repository: string;
  /** The digest itself where there is no tag. */
  readonly tag: string;
  readonly digest: string;
}

/** By name: `<repository>:<tag>`, or `<repository>@<digest>` of what has no tag. */
export type Inventory = ReadonlyMap<string, Tag>;

export const inventoryOf = (tags: readonly Tag[]): Inventory =>
  new Map(tags.map((each) => [`${each.repository}${each.tag === each.digest ? "@" : ":"}${each.tag}`, each]));

/** As a registry's own program lists it (components/registry/replication.render.ts). */
export function readInventory(output: string): Inventory {
  const lines = output.split("\n").filter((line) => line !== "");
  return inventoryOf(
    lines.map((line) => {
      const [repository = "", tag = "", digest = ""] = line.split(" ");
      return { repository, tag, digest };
    }),
  );
}

/** How the standby site's registry compares with the active site's: names of images. */
export interface Parity {
  readonly missing: readonly string[];
  /** The same tag with another digest. */
  readonly different: readonly string[];
  /** Nothing takes images away: these were pushed there while that site was active, and never came to the other one. */
  readonly onlyAtStandby: readonly string[];
}

export function parityOf(active: Inventory, standby: Inventory): Parity {
  const names = [...active.keys()].toSorted();
  const digestThere = (name: string): string | undefined => standby.get(name)?.digest;
  return {
    missing: names.filter((name) => digestThere(name) === undefined),
    different: names.filter((name) => digestThere(name) !== undefined && digestThere(name) !== active.get(name)?.digest),
    onlyAtStandby: [...standby.keys()].filter((name) => !active.has(name)).toSorted(),
  };
}
