import Table from "cli-table3";
import type { Inventory, Parity } from "./parity.ts";

/** Images of a list beyond these are counted. */
const most = 20;

export const listed = (what: string, names: readonly string[]): string[] => [
  ...names.slice(0, most).map((name) => `${what}: ${name}`),
  ...(names.length > most ? [`${what}: ${names.length - most} more`] : []),
];

/** What each site's registry holds, by project. */
export function renderInventories(inventories: ReadonlyMap<string, Inventory>): string {
  const sites = [...inventories.keys()];
  const table = new Table({
    head: ["project", ...sites.flatMap((site) => [`${site}: repositories`, "images"])],
    colAligns: ["left", ...sites.flatMap((): ("right" | "left")[] => ["right", "right"])],
    style: { head: [], border: [], compact: true },
  });
  const projectOf = (repository: string): string => repository.split("/")[0] ?? "";
  const all = [...inventories.values()].flatMap((inventory) =>
    [...inventory.values()].map(({ repository }) => projectOf(repository)),
  );
  for (const project of [...new Set(all)].toSorted()) {
    const counts = [...inventories.values()].flatMap((inventory) => {
      const tags = [...inventory.values()].filter(({ repository }) => projectOf(repository) === project);
      return [new Set(tags.map(({ repository }) => repository)).size, tags.length];
    });
    table.push([project, ...counts.map(String)]);
  }
  return table.toString();
}

export const renderParity = ({ missing, different, onlyAtStandby }: Parity, standby: string): string[] => [
  ...listed(`${standby} lacks`, missing),
  ...listed(`${standby} has another`, different),
  ...listed(`only at ${standby}`, onlyAtStandby),
];

/** What is not as it should be; empty when all is well. */
export const parityProblems = ({ missing, different, onlyAtStandby }: Parity, standby: string): string[] => [
  ...(missing.length + different.length === 0
    ? []
    : [
        `${standby} can't take over: ${missing.length} images are missing and ${different.length} are others than at the active site`,
      ]),
  ...(onlyAtStandby.length === 0
    ? []
    : [
        `${onlyAtStandby.length} images were pushed at ${standby} while it was active and never came to the active site; push there what is still needed`,
      ]),
];
