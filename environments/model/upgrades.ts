import type { ImageName } from "./schema/services.ts";
import type { Flavors } from "./topology.ts";

// Which image can take another's place in one step.

/** By this name an exception of the environment file excuses an image, which is its resource. */
export const upgradeRule = "image-must-not-go-back";

export interface ImageVersion {
  /** As in `v2.13.2`; empty where there is none. */
  readonly text: string;
  /** Empty where the text begins with no number. */
  readonly numbers: readonly number[];
}

/** The version in an image's name. */
export function versionOf(image: string): ImageVersion {
  // Without its digest, which follows a colon too.
  const text = /:([^:/]+)$/.exec(image.split("@")[0] ?? "")?.[1] ?? "";
  const numbers = /^v?(\d+(?:\.\d+)*)/.exec(text)?.[1] ?? "";
  return { text, numbers: numbers === "" ? [] : numbers.split(".").map(Number) };
}

/** Below zero where the first comes before the second. */
export function comparedVersions(a: readonly number[], b: readonly number[]): number {
  const index = [...a, ...b].findIndex((_, at) => (a[at] ?? 0) !== (b[at] ?? 0));
  return index < 0 ? 0 : (a[index] ?? 0) - (b[index] ?? 0);
}

/**
 * Release series that a rolling upgrade goes through one after another, the long-term ones of each product: https://dev.mysql.com/doc/refman/9.0/en/upgrade-paths.html,
 * https://docs.percona.com/percona-xtradb-cluster/9.7/upgrade-guide.html, https://mariadb.com/docs/server/server-management/install-and-upgrade-mariadb/upgrading
 */
const databaseSeries: Readonly<Record<Flavors["database"], readonly string[]>> = {
  "percona-xtradb-cluster": ["5.7", "8.0", "8.4", "9.7"],
  "mariadb-galera": ["10.6", "10.11", "11.4", "11.8"],
};

export interface UpgradeProblem {
  readonly what: string;
  readonly given: string;
  readonly allowed: string;
  readonly fix: string;
}

/** Why an image can't take the place of the one that runs; undefined where it can, or where their names have no versions. */
export function upgradeProblem(name: ImageName, from: string, to: string, flavors: Flavors): UpgradeProblem | undefined {
  const [was, is] = [versionOf(from), versionOf(to)];
  if (was.numbers.length === 0 || is.numbers.length === 0) return undefined;
  if (comparedVersions(is.numbers, was.numbers) < 0)
    return {
      ...{ what: "goes back: what the newer one has written, the older one may not read", given: is.text },
      ...{ allowed: `${was.text}, which runs, or newer`, fix: "go forward, or restore a backup of before" },
    };
  return name === "database" ? seriesProblem(was, is, databaseSeries[flavors.database]) : undefined;
}

function seriesProblem(was: ImageVersion, is: ImageVersion, all: readonly string[]): UpgradeProblem | undefined {
  const [old, current] = [was, is].map(({ numbers }) => numbers.slice(0, 2).join("."));
  if (old === current) return undefined;
  const next = all[all.indexOf(old ?? "") + 1];
  if (current === next && all.includes(old ?? "")) return undefined;
  return {
    ...{ what: "a rolling upgrade goes to the next series and skips none", given: is.text },
    allowed: next !== undefined && all.includes(old ?? "") ? `${old}, which runs, or ${next}` : `${old}, which runs`,
    fix: `go through the series one after another: ${all.join(", ")}`,
  };
}
