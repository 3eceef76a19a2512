import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { create, extract } from "tar";
import { z } from "zod";
import { UserError } from "../console/errors.ts";
import { withTemporaryDirectory } from "../console/temporary-directory.ts";
import type { Deployment } from "./deployment.ts";

// All states of a platform in one file: `backup.json`, `<stack>.state.json`, `Pulumi.<stack>.yaml`, as a gzipped tar.

const manifestShape = z.object({
  format: z.literal(1),
  platform: z.string(),
  backend: z.string(),
  createdAt: z.string(),
  stacks: z.array(z.string().regex(/^[a-z][a-z0-9-]*$/)),
});

export type Manifest = z.infer<typeof manifestShape>;

export interface Backup {
  readonly manifest: Manifest;
  /** By stack; secrets as the engine encrypted them. */
  readonly states: ReadonlyMap<string, Deployment>;
  /** Stack files by stack: they hold the salt that the passphrase is used with. */
  readonly configs: ReadonlyMap<string, string>;
}

/** Writes a backup that only its owner reads. */
export async function writeBackup(file: string, { manifest, states, configs }: Backup): Promise<void> {
  await withTemporaryDirectory(async (directory) => {
    const entries: [string, string][] = [
      ["backup.json", JSON.stringify(manifest)],
      ...[...states].map(([stack, state]): [string, string] => [`${stack}.state.json`, JSON.stringify(state)]),
      ...[...configs].map(([stack, text]): [string, string] => [`Pulumi.${stack}.yaml`, text]),
    ];
    for (const [name, text] of entries) writeFileSync(join(directory, name), text, { mode: 0o600 });
    await create(
      { file, cwd: directory, gzip: true, mode: 0o600, portable: true },
      entries.map(([name]) => name),
    );
  });
}

/** Reads a backup; a file that is none, or is cut, is refused. */
export async function readBackup(file: string): Promise<Backup> {
  return withTemporaryDirectory(async (directory) => {
    const refused = (why: string): UserError =>
      new UserError(`${file}: not a backup of states (${why}); allowed is a file that "npm run state -- backup" wrote`);
    try {
      await extract({ file, cwd: directory, strict: true, filter: (path) => /^[\w.-]+$/.test(path) });
    } catch (error) {
      throw refused((error as Error).message);
    }
    const names = readdirSync(directory);
    const read = (name: string): string => readFileSync(join(directory, name), "utf8");
    if (!names.includes("backup.json")) throw refused("it holds no backup.json");
    const manifest = manifestShape.safeParse(JSON.parse(read("backup.json")));
    if (!manifest.success) throw refused(z.prettifyError(manifest.error));
    const missing = manifest.data.stacks.filter((stack) => !names.includes(`${stack}.state.json`));
    if (missing.length > 0) throw refused(`it lacks the states of ${missing.join(", ")}`);
    const configs = manifest.data.stacks.filter((stack) => names.includes(`Pulumi.${stack}.yaml`));
    return {
      manifest: manifest.data,
      states: new Map(manifest.data.stacks.map((stack) => [stack, JSON.parse(read(`${stack}.state.json`)) as Deployment])),
      configs: new Map(configs.map((stack) => [stack, read(`Pulumi.${stack}.yaml`)])),
    };
  });
}

/** When a state was last written; the empty state of a stack that was never deployed is older than all. */
export const writtenAt = (state: Deployment | undefined): string => {
  const time = state?.deployment.manifest?.time ?? "";
  // The engine writes the year 1 for "never".
  return time.startsWith("0001-") ? "" : time;
};

/** Stacks whose present state is newer than the backup's. */
export function newerThanBackup(backup: ReadonlyMap<string, Deployment>, present: ReadonlyMap<string, Deployment>): string[] {
  const instant = (state: Deployment | undefined): number => Date.parse(writtenAt(state)) || 0;
  return [...backup].filter(([stack, state]) => instant(present.get(stack)) > instant(state)).map(([stack]) => stack);
}
