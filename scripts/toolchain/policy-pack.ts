import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import type { Socket } from "node:net";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { UserError } from "../console/errors.ts";

/** What starts a project's policy pack, in its root. */
export const policyPackFile = "policies/start.mjs";

/** Tells what an engine starts where the pack answers already. */
export const policyPortVariable = "TANDEM_POLICY_PORT";

/**
 * The arguments of a CLI that may have been built from source: the language host that comes with it starts no policy packs, but an engine starts
 * a file by itself. A path counts from a project's root.
 */
export const withStartedPack = (args: readonly string[], root: string): string[] =>
  args.map((arg, index) => {
    const isValue = args[index - 1] === "--policy-pack";
    const path = isValue ? arg : /^--policy-pack=(.*)$/.exec(arg)?.[1];
    if (path === undefined || resolve(root, path) !== resolve(root, policyPackFile, "..")) return arg;
    return `${isValue ? "" : "--policy-pack="}${join(root, policyPackFile)}`;
  });

interface Pack {
  readonly file: string;
  readonly port: Promise<string>;
  readonly end: () => void;
}

const started = new Map<string, Pack>();

/** The port of a pack that judges all runs of this process: starting one takes longer than judging most stacks. It ends with this process. */
export function policyPort(file: string, env: Readonly<Record<string, string>>): Promise<string> {
  // A lab's addresses are its own.
  const key = `${file} ${env["TANDEM_LAB"] ?? ""}`;
  const pack = started.get(key) ?? startPack(file, env, () => started.delete(key));
  started.set(key, pack);
  return pack.port;
}

/** Ends the packs of a project that no run of this process needs any more. */
export function endPolicies(root: string): void {
  for (const { file, end } of started.values()) if (file === join(root, policyPackFile)) end();
}

function startPack(file: string, env: Readonly<Record<string, string>>, ended: () => void): Pack {
  // No signal of the terminal reaches it: an engine that is interrupted still asks it. It ends when nobody holds its input any more.
  const pack = spawn(file, { stdio: "pipe", detached: true, env: { ...process.env, ...env } });
  return { file, port: portOf(pack, file, ended), end: () => void pack.stdin.end() };
}

async function portOf(pack: ChildProcessWithoutNullStreams, file: string, ended: () => void): Promise<string> {
  const said = text(pack.stderr);
  const end = once(pack, "close").then(
    async () => `ended: ${await said}`,
    (error: unknown) => (error as Error).message,
  );
  void end.then(ended);
  const port = once(createInterface({ input: pack.stdout }), "line").then(([line]) => ({ port: String(line) }));
  const first = await Promise.race([port, end]);
  if (typeof first === "string") throw new UserError(`the policy pack ${file} doesn't start, and nothing is judged: ${first}`);
  pack.unref();
  for (const stream of [pack.stdin, pack.stdout, pack.stderr]) (stream as unknown as Socket).unref();
  return first.port;
}
