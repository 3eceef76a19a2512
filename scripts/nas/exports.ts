import { nobody, ownershipOf, passage } from "../../components/storage/ganesha.render.ts";
import type { NasExport } from "../../environments/model/exports.ts";
import { serviceAccount } from "../../environments/model/service-account.ts";
import type { Volume } from "../../environments/model/topology.ts";

// What a NAS must let whom mount, for its administrator. Pure.

export interface Sheet {
  readonly site: string;
  /** Where the NAS has the zones' trees: empty, or an absolute path. */
  readonly path: string;
  readonly exports: readonly NasExport[];
  readonly volumes: readonly Volume[];
}

const { id } = serviceAccount;

const ofZone = ({ volumes }: Sheet, zone: string): Volume[] => volumes.filter((volume) => volume.zone === zone);

/** A table of each, in Markdown: what any product's administrator needs to know. */
export function renderExportsMarkdown(sheet: Sheet): string {
  const { site, path, exports } = sheet;
  return [
    `NAS of ${site}: NFS 4.1 by TCP; a client's root is nobody (root_squash); numbers for owners (no names).`,
    "",
    "| export | clients, and nobody else | access |",
    "| --- | --- | --- |",
    ...exports.map((one) => `| ${path}${one.path} | ${one.clients} | ${one.isWritable ? "read and write" : "read"} |`),
    "",
    `Directories in them; the exports' own and those between are of ${passage.owner}:${id}, ${passage.mode}: root, who mounts, is nobody (${nobody}).`,
    "",
    "| directory | owner | mode | GiB | used by |",
    "| --- | --- | --- | --- | --- |",
    ...exports.flatMap(({ zone }) =>
      ofZone(sheet, zone).map((volume) => {
        const { owner, mode } = ownershipOf(volume);
        return `| ${path}/${volume.directory} | ${owner}:${id} | ${mode} | ${volume.sizeGib} | ${volume.users.join(", ")} |`;
      }),
    ),
    "",
  ].join("\n");
}

/** For a server of Linux's kernel: https://man7.org/linux/man-pages/man5/exports.5.html */
export const renderExportsFile = ({ path, exports }: Sheet): string =>
  exports
    .map(
      (one) =>
        `${path}${one.path} ${one.clients}(${one.isWritable ? "rw" : "ro"},sync,root_squash,anonuid=${nobody},anongid=${nobody},no_subtree_check,sec=sys,fsid=${one.id})\n`,
    )
    .join("");
