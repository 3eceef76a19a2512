import { createHash } from "node:crypto";
import { cpSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync } from "node:fs";
import { dirname, join } from "node:path";
import { cacheDirectory, privateDirectory } from "../console/directories.ts";
import { UserError } from "../console/errors.ts";
import { withLock } from "../console/lock.ts";
import { programFiles } from "../deploy/program-files.ts";
import { stackProgress } from "../deploy/progress.ts";
import { describeReport } from "../deploy/run-stack.ts";
import { runStacks } from "../deploy/run-stacks.ts";
import type { Project } from "../deploy/workspace.ts";
import type { Lab } from "../lab/instance.ts";
import type { Engine } from "../toolchain/engine.ts";
import { madeUpProject, making, sealedEngine } from "./engine.ts";
import { madeUp } from "./made-up.ts";
import type { Source } from "./sources.ts";

// What the stacks would be if the base were deployed: made by the engine itself, with plugins that make nothing.

export interface BaseOptions {
  readonly jobs: number;
  readonly signal: AbortSignal;
  readonly stream: NodeJS.WriteStream;
}

/** Puts the state of a base into a directory: one that was made before, where the same was asked for in this month (certificates end). */
export async function baseState(
  base: Source,
  engine: Engine,
  lab: Lab | undefined,
  state: string,
  options: BaseOptions,
): Promise<void> {
  const kept = join(privateDirectory(cacheDirectory, "review", "bases"), keyOf(base, engine, lab));
  await withLock(
    `${kept}.lock`,
    `making the state of ${base.ref}`,
    60 * 60,
    async () => {
      if (!existsSync(kept)) await makeState(base, engine, kept, options);
      const now = new Date();
      utimesSync(kept, now, now);
    },
    options.signal,
  );
  forgetUnused(dirname(kept));
  cpSync(kept, state, { recursive: true });
}

/** A state is some forty megabytes, and every commit has one of its own. */
const keptDays = 7;

/** Takes states away that nobody has asked for in some time. */
function forgetUnused(directory: string): void {
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    const days = (Date.now() - statSync(path).mtimeMs) / 86_400_000;
    if (entry.isDirectory() && days > keptDays) rmSync(path, { recursive: true, force: true });
  }
}

async function makeState(base: Source, engine: Engine, kept: string, { jobs, signal, stream }: BaseOptions): Promise<void> {
  const unfinished = `${kept}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  const directory = privateDirectory(unfinished, "run");
  const state = privateDirectory(unfinished, "state");
  const sealed = sealedEngine(engine, making, directory, state);
  const project = await madeUpProject(sealed, base.root, join(directory, "project"), true);
  const names = base.stacks.map(({ name }) => name);
  // A new stack of a temporary backend is a copy of its first one, which must still be empty.
  for (const name of names) await project.openOrCreate(name);
  const made = { ...project, openOrCreate: project.open };
  const reports = await runStacks(made, base.stacks, {
    kind: "up",
    jobs,
    signal,
    progress: stackProgress(`what ${base.ref} would be, made without reaching anything`, names, stream),
  });
  const failed = reports.filter(({ result }) => result !== "done");
  if (failed.length > 0)
    throw new UserError(
      `${base.ref} can't be compared with:\n${failed.map((each) => `${each.stack}: ${describeReport(each, "done")}`).join("\n")}`,
    );
  for (const name of names) await forgetMadeUpHosts(project, name);
  renameSync(state, kept);
  rmSync(unfinished, { recursive: true, force: true });
}

/** What a host is told by itself is made up here: a recorded identity would be compared with its pinned key. */
async function forgetMadeUpHosts(project: Project, stack: string): Promise<void> {
  const opened = await project.open(stack);
  const { version, deployment } = await opened.exportStack();
  for (const { type, outputs } of deployment.resources ?? [])
    if (type === "pulumi:pulumi:Stack" && outputs?.identity?.hosts)
      outputs.identity.hosts = Object.fromEntries(Object.entries(outputs.identity.hosts).filter(([, host]) => host !== madeUp));
  await opened.importStack({ version, deployment });
}

/** Of all that decides what the state is. */
function keyOf({ root, stacks }: Source, engine: Engine, lab: Lab | undefined): string {
  const hash = createHash("sha256").update(JSON.stringify([engine.home, lab, stacks, new Date().toISOString().slice(0, 7)]));
  for (const own of ["base-state.ts", "engine.ts", "sources.ts", "stand-in.ts"])
    hash.update(readFileSync(join(import.meta.dirname, own)));
  for (const file of programFiles(root)) hash.update(file).update(readFileSync(join(root, file)));
  return hash.digest("hex").slice(0, 24);
}
