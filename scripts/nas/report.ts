import Table from "cli-table3";
import { shown } from "../../environments/model/errors.ts";
import type { Volume } from "../../environments/model/topology.ts";
import { gib, gibText, type Use, undeclaredIn, useOf } from "./use.ts";

const style = { style: { head: [], border: [], compact: true } };

/** Directories beyond these are counted. */
const mostUndeclared = 20;

/** What a site's NAS holds, by volume. */
export function renderUse(site: string, use: Use, volumes: readonly Volume[]): string {
  const table = new Table({
    head: ["volume", "used by", "GiB", "of GiB", "%"],
    colAligns: ["left", "left", "right", "right", "right"],
    ...style,
  });
  for (const { volume, bytes } of useOf(use, volumes)) {
    const { directory, users, sizeGib } = volume;
    const share = bytes === undefined ? "" : ((bytes / (sizeGib * gib)) * 100).toFixed(0);
    table.push([directory, users.join(", "), bytes === undefined ? "not there" : gibText(bytes), sizeGib, share]);
  }
  const undeclared = undeclaredIn(use, volumes);
  return [
    `${site}: ${gibText(use.free)} of ${gibText(use.size)} GiB free`,
    table.toString(),
    ...undeclared
      .slice(0, mostUndeclared)
      .map(([directory, bytes]) => `not declared under volumes: ${shown(directory)}, ${gibText(bytes)} GiB`),
    ...(undeclared.length > mostUndeclared ? [`and ${undeclared.length - mostUndeclared} smaller ones`] : []),
  ].join("\n");
}
