import { existsSync } from "node:fs";
import { PulumiCommand } from "@pulumi/pulumi/automation/index.js";
import { execa } from "execa";
import { log } from "../console/log.ts";
import { processMark, runVariable } from "./processes.ts";

/** A command of the engine failed; what it printed is in the log. */
export class EngineError extends Error {
  override readonly name = "EngineError";
  readonly stdout: string;
  readonly stderr: string;

  constructor(args: readonly string[], stdout: string, stderr: string) {
    super(`pulumi ${args.slice(0, 2).join(" ")}: ${stderr.trim() || stdout.trim() || "failed without a word"}`);
    this.stdout = stdout;
    this.stderr = stderr;
  }
}

interface CommandResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number;
}

/** What the Automation API calls to run the CLI. */
export interface EngineCommand extends PulumiCommand {
  run(
    args: string[],
    cwd: string,
    env: Readonly<Record<string, string>>,
    onOutput?: (text: string) => void,
    onError?: (text: string) => void,
    signal?: AbortSignal,
  ): Promise<CommandResult>;
}

const setpriv = ["/usr/bin/setpriv", "/bin/setpriv"].find((path) => existsSync(path));

/**
 * The CLI as the Automation API runs it, in a process group of its own: the terminal's Ctrl-C would otherwise reach it beside our own
 * signal, and a second signal makes it leave without writing the state. When this process is killed, the kernel interrupts the CLI.
 */
export async function engineCommand(env: Readonly<Record<string, string>>): Promise<EngineCommand> {
  process.env["PATH"] = env["PATH"] ?? process.env["PATH"];
  const { command, version } = await PulumiCommand.get();
  return {
    command,
    version,
    run: (args, cwd, more, onOutput, onError, signal) => run(command, args, cwd, more, onOutput, onError, signal),
  };
}

async function run(
  command: string,
  args: string[],
  cwd: string,
  env: Readonly<Record<string, string>>,
  onOutput?: (text: string) => void,
  onError?: (text: string) => void,
  signal?: AbortSignal,
): Promise<CommandResult> {
  const unread = unreadAnswer(args);
  if (unread !== undefined) return { stdout: unread, stderr: "", code: 0 };
  const cli = [command, ...args, ...(args.includes("--non-interactive") ? [] : ["--non-interactive"])];
  const [file, ...rest] = setpriv ? [setpriv, "--pdeathsig", "INT", ...cli] : cli;
  log(`$ ${cli.join(" ")}`);
  const child = execa(file as string, rest, {
    cwd,
    env: { ...env, PULUMI_AUTOMATION_API: "true", [runVariable]: processMark(process.pid) ?? "" },
    detached: true,
    cleanup: false,
    reject: false,
    stdin: "ignore",
    maxBuffer: Number.MAX_SAFE_INTEGER,
  });
  child.stdout.on("data", (data: Buffer) => onOutput?.(data.toString()));
  child.stderr.on("data", (data: Buffer) => onError?.(data.toString()));
  const interrupt = (): void => void child.kill("SIGINT");
  if (signal?.aborted) interrupt();
  signal?.addEventListener("abort", interrupt, { once: true });
  const result = await child;
  signal?.removeEventListener("abort", interrupt);
  if (result.stdout && !isExport(args)) log(result.stdout);
  if (result.stderr) log(result.stderr);
  if (result.exitCode !== 0) throw new EngineError(args, result.stdout, result.stderr);
  return { stdout: result.stdout, stderr: result.stderr, code: 0 };
}

/**
 * What the Automation API asks for on its own and nobody here reads: each would be a run of the CLI that opens the stack's secrets. Each of our
 * commands names its stack, so none is selected; the outputs and the history that follow an `up` would cost more than a small `up` itself.
 */
function unreadAnswer([first, second]: readonly string[]): string | undefined {
  if (first !== "stack") return undefined;
  return { select: "", output: "{}", history: "[]" }[second ?? ""];
}

/** An export can show secrets: it does not go to the log. */
const isExport = (args: readonly string[]): boolean => args[0] === "stack" && args[1] === "export";
