import { type ChildProcess, spawn } from "node:child_process";
import { statSync } from "node:fs";
import { resolve } from "node:path";
import { assetArchive, type Values } from "../provider/values.ts";
import type { Work } from "./command.ts";
import { globAssets } from "./globs.ts";
import { Output } from "./output.ts";
import { previousEnvironment } from "./previous.ts";
import type { LocalInputs } from "./shapes.ts";

/** How long a command that was told to stop may go on before it is killed. */
const graceMs = 5_000;

const groups = new Set<number>();
// Whatever ends the plugin, its commands end with it.
process.on("exit", () => {
  for (const group of groups) signalGroup(group, "SIGKILL");
});

/** Runs a command on this machine, in a process group of its own, and returns its outputs. */
export async function runLocal(command: string, inputs: LocalInputs, work: Work): Promise<Values> {
  const directory = resolve(inputs.dir ?? ".");
  if (!statSync(directory, { throwIfNoEntry: false })?.isDirectory()) throw new Error(`dir: ${directory} is not a directory`);
  const [file = "/bin/sh", ...rest] = inputs.interpreter?.length ? inputs.interpreter : ["/bin/sh", "-c"];
  work.context.signal.throwIfAborted();
  const output = new Output(inputs.logging, work.lines);
  const previous = await previousEnvironment(inputs, work);
  const child = spawn(file, [...rest, command], {
    cwd: directory,
    env: { ...process.env, ...inputs.environment, ...previous },
    detached: true,
    stdio: ["pipe", "pipe", "pipe"],
  });
  // A command need not read its input.
  child.stdin.on("error", () => {});
  child.stdin.end(inputs.stdin ?? "");
  const ending = await ended(child, output, work.context.signal).catch(
    (error: Error) => `it could not be started: ${error.message}`,
  );
  output.end();
  await work.lines.flushed();
  if (ending) throw output.failure(ending, command, work.redact);
  return {
    stdout: output.text("stdout"),
    stderr: output.text("stderr"),
    ...(inputs.assetPaths && { assets: await globAssets(directory, inputs.assetPaths) }),
    ...(inputs.archivePaths && { archive: assetArchive(await globAssets(directory, inputs.archivePaths)) }),
  };
}

/** Resolves when the command has ended and its output is complete: with nothing, or with what went wrong. */
function ended(child: ChildProcess, output: Output, signal: AbortSignal): Promise<string | undefined> {
  return new Promise((done, fail) => {
    let why: string | undefined;
    let killer: NodeJS.Timeout | undefined;
    const stop = (reason: string) => {
      if (why !== undefined || child.pid === undefined) return;
      why = reason;
      signalGroup(child.pid, "SIGTERM");
      killer = setTimeout(() => signalGroup(child.pid as number, "SIGKILL"), graceMs);
    };
    const onAbort = () => stop(`stopped: ${(signal.reason as Error).message}`);
    signal.addEventListener("abort", onAbort, { once: true });
    for (const name of ["stdout", "stderr"] as const) {
      child[name]?.on("data", (chunk: Buffer) => {
        if (why !== undefined) return;
        try {
          output.take(name, chunk);
        } catch (error) {
          stop((error as Error).message);
        }
      });
    }
    if (child.pid !== undefined) groups.add(child.pid);
    child.once("error", fail);
    child.once("close", (code, killed) => {
      signal.removeEventListener("abort", onAbort);
      clearTimeout(killer);
      if (child.pid !== undefined) groups.delete(child.pid);
      done(why ?? (killed ? `signal: ${killed}` : code === 0 ? undefined : `exit status ${code}`));
    });
  });
}

function signalGroup(group: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-group, signal);
  } catch {
    // The group has ended already.
  }
}
