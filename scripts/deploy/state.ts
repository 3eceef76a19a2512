import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { privateDirectory, stateDirectory } from "../console/directories.ts";
import { main, UserError } from "../console/errors.ts";
import { type Backup, newerThanBackup, readBackup, writeBackup, writtenAt } from "./archive.ts";
import { command } from "./cli.ts";
import { resourcesOf } from "./deployment.ts";
import { withPlatformLock } from "./exclusive.ts";
import { recover } from "./recover.ts";
import { deployedStacks, exportStates, importState } from "./stack-states.ts";
import { type DeployedPlatform, openPlatform } from "./surroundings.ts";
import type { Project } from "./workspace.ts";

const say = (text: string): void => void process.stdout.write(`${text}\n`);

/** Writes all states of a platform into one file and returns its path. */
export async function backup(platform: DeployedPlatform, to?: string): Promise<string> {
  const { project } = platform;
  const stacks = await deployedStacks(project, platform.stacks);
  if (stacks.length === 0) throw new UserError(`${platform.name}: none of its stacks is deployed; there is nothing to back up`);
  const createdAt = new Date().toISOString();
  const file = fileFor(platform.name, createdAt, to);
  const configs = new Map(
    stacks
      .filter((stack) => existsSync(stackFile(project, stack)))
      .map((stack) => [stack, readFileSync(stackFile(project, stack), "utf8")]),
  );
  const states = new Map(await exportStates(project, stacks));
  await writeBackup(file, {
    manifest: { format: 1, platform: platform.name, backend: project.backend, createdAt, stacks },
    states,
    configs,
  });
  const resources = [...states.values()].reduce((sum, state) => sum + resourcesOf(state).length, 0);
  say(`${platform.name}: ${stacks.length} stacks with ${resources} resources in ${file}`);
  say(`Secrets in it are encrypted. To open it takes ${opener()}: keep that elsewhere, where the standby site reaches it too.`);
  return file;
}

/** Where the engine keeps a stack's own file. */
const stackFile = (project: Project, stack: string): string => join(project.stackFiles, `Pulumi.${stack}.yaml`);

function fileFor(platform: string, createdAt: string, to: string | undefined): string {
  const name = `${platform}-${createdAt.replaceAll(/[-:]|\..*/g, "")}.tar.gz`;
  if (to === undefined) return join(privateDirectory(stateDirectory, "backups", platform), name);
  return existsSync(to) && statSync(to).isDirectory() ? join(resolve(to), name) : resolve(to);
}

const opener = (): string =>
  process.env["PULUMI_BACKEND_URL"]
    ? "the secrets provider of its stacks"
    : "the passphrase beside the state (the file named passphrase)";

/** Puts all states of a backup into the platform's backend, and compares what the backend has then. */
export async function restore(platform: DeployedPlatform, { manifest, states, configs }: Backup, force: boolean): Promise<void> {
  const { project } = platform;
  await withPlatformLock(platform, "restoring the state", async () => {
    const sizes = await recover(project, [...states.keys()], say);
    const there = [...sizes.keys()].filter((stack) => states.has(stack));
    const newer = newerThanBackup(states, new Map(await exportStates(project, there)));
    if (newer.length > 0 && !force) {
      throw new UserError(
        `the backup is of ${manifest.createdAt}; newer are the states of ${newer.join(", ")}. Nothing was changed. To go back all the same: --force`,
      );
    }
    for (const [stack, text] of configs)
      if (!existsSync(stackFile(project, stack))) writeFileSync(stackFile(project, stack), text, { mode: 0o600 });
    for (const [stack, state] of states) {
      await project.openOrCreate(stack);
      await importState(project, stack, state);
    }
    const now = new Map(await exportStates(project, [...states.keys()]));
    const urns = (stack: string, from: ReadonlyMap<string, Parameters<typeof resourcesOf>[0]>): string[] => {
      const state = from.get(stack);
      return state ? resourcesOf(state).map(({ urn, id }) => `${urn} ${id ?? ""}`) : [];
    };
    const wrong = [...states.keys()].filter((stack) => !isDeepStrictEqual(urns(stack, states), urns(stack, now)));
    if (wrong.length > 0)
      throw new Error(`restored, but the backend does not hold the backup's resources of ${wrong.join(", ")}`);
    for (const [stack, state] of states)
      say(`${stack}: ${resourcesOf(state).length} resources, as of ${writtenAt(state) || "its making"}`);
    say(
      `${manifest.platform}: ${states.size} stacks restored and compared. What was changed on hosts since then: npm run drift -- --platform ${manifest.platform}`,
    );
  });
}

if (import.meta.main) {
  await main(async () => {
    const program = command("state", "all states of a platform in one file, and back");
    program
      .command("backup")
      .description("writes the states of all stacks into one file; secrets stay encrypted")
      .option("--platform <name>", "the platform", "lab")
      .option("--to <file or directory>", "default: the backups beside the state")
      .action(async (options: { platform: string; to?: string }) => {
        const platform = await openPlatform(options.platform, () => {});
        await withPlatformLock(platform, "backing up the state", () => backup(platform, options.to));
      });
    program
      .command("restore <file>")
      .description("puts the states of a backup in the place of the present ones")
      .option("--force", "also over states that are newer than the backup")
      .action(async (file: string, { force }: { force?: true }) => {
        const read = await readBackup(file);
        await restore(await openPlatform(read.manifest.platform, () => {}), read, force ?? false);
      });
    await program.parseAsync();
    return 0;
  });
}
