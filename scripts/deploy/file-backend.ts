import { copyFileSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Deployment } from "./deployment.ts";

// What a backend of files shows without the engine, which takes 0.3 s to open a stack. Other backends show nothing here.

export interface Lock {
  readonly pid: number;
  readonly username: string;
  readonly hostname: string;
  readonly timestamp: string;
}

interface Place {
  /** As PULUMI_BACKEND_URL. */
  readonly backend: string;
  /** Where Pulumi.yaml is. */
  readonly directory: string;
}

/** The locks of a stack. */
export function readLocks(place: Place, stack: string): Lock[] {
  const directory = folder(place, "locks");
  if (!directory || !existsSync(join(directory, stack))) return [];
  return readdirSync(join(directory, stack))
    .filter((file) => file.endsWith(".json"))
    .flatMap((file) => {
      // Released since it was listed, or cut while it was written: the engine looks again before it changes anything.
      const lock = parsed(join(directory, stack, file));
      return lock ? [lock as Lock] : [];
    });
}

/** A stack's state with its secrets encrypted; undefined where only the engine can read it. */
export function readCheckpoint(place: Place, stack: string): Deployment | undefined {
  const directory = folder(place, "stacks");
  if (!directory) return undefined;
  const file = parsed(join(directory, `${stack}.json`)) as Checkpoint | undefined;
  return file?.checkpoint?.latest && { version: file.version, deployment: file.checkpoint.latest };
}

/** Makes a stack that holds nothing as another one was made that holds nothing. Both are opened by the same secret. */
export function copyEmptyStack(place: Place, from: string, to: string): void {
  const directory = folder(place, "stacks") ?? "";
  const { checkpoint, ...file } = JSON.parse(readFileSync(join(directory, `${from}.json`), "utf8")) as EmptyCheckpoint;
  const own = { ...file, checkpoint: { ...checkpoint, stack: checkpoint.stack.replace(/[^/]+$/, to) } };
  writeFileSync(join(directory, `${to}.json`), JSON.stringify(own));
}

/** Whether a kill cut a stack's state while the engine wrote it. */
export function isCut(place: Place, stack: string): boolean {
  const directory = folder(place, "stacks");
  const file = directory && join(directory, `${stack}.json`);
  return file !== undefined && existsSync(file) && parsed(file) === undefined;
}

/** A cut state gives way to the one before, which the engine keeps beside it; without one it was the first, and held nothing. Says what it did. */
export function mendCutState(place: Place, stack: string): string | undefined {
  if (!isCut(place, stack)) return undefined;
  const file = join(folder(place, "stacks") ?? "", `${stack}.json`);
  if (parsed(`${file}.bak`) === undefined) {
    rmSync(file);
    return "it was its first and held nothing yet; the stack is made anew";
  }
  copyFileSync(`${file}.bak`, `${file}.whole`);
  renameSync(`${file}.whole`, file);
  return "the one before is back";
}

/** How many resources each stack of the backend holds; undefined where only the engine can tell. */
export function readSizes(place: Place): Map<string, number> | undefined {
  const directory = folder(place, "stacks");
  if (!directory) return undefined;
  const stacks = existsSync(directory) ? readdirSync(directory).flatMap((file) => /^(.+)\.json$/.exec(file)?.[1] ?? []) : [];
  return new Map(stacks.map((stack) => [stack, readCheckpoint(place, stack)?.deployment.resources?.length ?? 0]));
}

interface EmptyCheckpoint {
  /** As in `organization/tandem/reference-dc1`. */
  readonly checkpoint: { readonly stack: string };
}

interface Checkpoint {
  readonly version: number;
  readonly checkpoint?: { readonly latest?: Deployment["deployment"] };
}

function folder({ backend, directory }: Place, kind: "locks" | "stacks"): string | undefined {
  if (!backend.startsWith("file:///")) return undefined;
  const name = /^name: (.+)$/m.exec(readFileSync(join(directory, "Pulumi.yaml"), "utf8"))?.[1] ?? "";
  return join(fileURLToPath(backend), ".pulumi", kind, ...(kind === "locks" ? ["organization", name] : [name]));
}

function parsed(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT" || error instanceof SyntaxError) return undefined;
    throw error;
  }
}
