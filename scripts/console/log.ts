import { createWriteStream, type WriteStream } from "node:fs";
import { basename, join } from "node:path";
import { execa, type Options, type Result } from "execa";
import { privateDirectory, stateDirectory } from "./directories.ts";
import { UserError } from "./errors.ts";
import { toolEnv } from "./tools.ts";

/** `--verbose` anywhere on the command line shows the tools' own output as well as logging it. */
export const verbose: boolean = process.argv.includes("--verbose");

const started = new Date().toISOString().replaceAll(":", "").slice(0, 17);
const command = basename(process.argv[1] ?? "tandem", ".ts");

/** The log of this run: every tool's output goes here. */
export const logFile: string = join(stateDirectory, "logs", `${started}-${command}-${process.pid}.log`);

let stream: WriteStream | undefined;
const recent: string[] = [];

/** Writes to the run's log, and to the terminal with `--verbose`. */
export function log(text: string): void {
  if (!stream) {
    privateDirectory(stateDirectory, "logs");
    stream = createWriteStream(logFile, { flags: "a", mode: 0o600 });
  }
  const whole = text.endsWith("\n") ? text : `${text}\n`;
  stream.write(whole);
  recent.push(...whole.trimEnd().split("\n"));
  recent.splice(0, recent.length - 15);
  if (verbose) process.stderr.write(whole);
}

export interface ToolOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  /** Called with each line of the tool's output, to show how far it is. */
  readonly onLine?: (line: string) => void;
  readonly signal?: AbortSignal;
  /** Goes on where its run is killed, because half of its work would be worse. */
  readonly finishes?: true;
  /** Milliseconds after which the tool is ended. */
  readonly timeoutMs?: number;
}

/** Runs a tool, logs its output, and returns its standard output. A failure shows its last lines and where the rest is. */
export async function runTool(file: string, args: readonly string[], options: ToolOptions = {}): Promise<string> {
  log(`$ ${file} ${args.join(" ")}`);
  const child = execa(file, args, {
    reject: false,
    stdin: options.input === undefined ? "ignore" : "pipe",
    all: true,
    ...(options.cwd !== undefined && { cwd: options.cwd }),
    env: { ...options.env, ...(options.finishes !== true && toolEnv()) },
    ...(options.input !== undefined && { input: options.input }),
    ...(options.signal !== undefined && { cancelSignal: options.signal }),
    ...(options.timeoutMs !== undefined && { timeout: options.timeoutMs }),
  } satisfies Options);
  for await (const line of child.iterable({ from: "all" })) {
    log(line);
    options.onLine?.(line);
  }
  const result = (await child) as Result<{ all: true }>;
  if (result.isCanceled) options.signal?.throwIfAborted();
  if (result.failed) throw toolError(file, args, result);
  return String(result.stdout);
}

function toolError(file: string, args: readonly string[], result: Result<{ all: true }>): UserError {
  const last = String(result.all ?? "")
    .trimEnd()
    .split("\n")
    .slice(-15)
    .join("\n");
  const how = result.timedOut
    ? "ran out of time"
    : result.isCanceled
      ? "was cancelled"
      : result.exitCode === undefined
        ? (result.shortMessage ?? "could not be started")
        : `ended with code ${result.exitCode}`;
  return new UserError(`${basename(file)} ${args.slice(0, 3).join(" ")} ${how}\n${last}\nAll of its output: ${logFile}`);
}

/** The last lines of the run's log, for a failure whose cause is not one tool's; empty where nothing was logged. */
export const logEnd = (): string => (recent.length > 0 ? `${recent.join("\n")}\nAll of the log: ${logFile}` : "");
