import { createInterface } from "node:readline";
import { type Duplex, PassThrough, type Readable, type Writable } from "node:stream";
import { finished, pipeline } from "node:stream/promises";
import { setTimeout as delay } from "node:timers/promises";
import type Docker from "dockerode";
import { UserError } from "../console/errors.ts";

export interface Said {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

type OnLine = (line: string) => void;

interface ExecOptions {
  /** As in "0". */
  readonly user?: string;
  /** Get what the command prints while it runs. */
  readonly onLine?: OnLine;
  readonly onErrorLine?: OnLine;
  /** What the command reads, to its end. */
  readonly input?: Readable;
  /** Gets what the command prints, and its end; it is not kept then. */
  readonly output?: Writable;
  /** How often the container of a long command is looked at; 2000 ms unless told. */
  readonly lookMs?: number;
}

/**
 * Runs a command in a container to its end; its words show in the machine's list of processes.
 * An engine may leave a command's stream open whose container was stopped meanwhile: one would wait for its end forever.
 */
export async function execIn(
  container: Docker.Container,
  words: readonly string[],
  { user, onLine, onErrorLine, input, output, lookMs = 2000 }: ExecOptions = {},
): Promise<Said> {
  const { Id, State } = await container.inspect();
  const ended = new AbortController();
  const stopped = untilStopped(container, { startedAt: State.StartedAt, lookMs, ended: ended.signal }).then(() => {
    throw new UserError(`${Id.slice(0, 12)} was stopped while a command ran in it: ${words.join(" ")}`);
  });
  // Not looked at any more once the command has ended.
  stopped.catch(() => {});
  let stream: Duplex | undefined;
  try {
    const attached = { AttachStdin: input !== undefined, AttachStdout: true, AttachStderr: true };
    const options = { Cmd: [...words], ...attached, ...(user !== undefined && { User: user }) };
    const exec = await Promise.race([container.exec(options), stopped]);
    stream = await Promise.race([exec.start(input ? { hijack: true, stdin: true } : {}), stopped]);
    const [stdout, stderr] = [collect(onLine), collect(onErrorLine)];
    container.modem.demuxStream(stream, output ?? stdout.into, stderr.into);
    if (output) slowDown(stream, output);
    // A command that reads no further ends the stream; its code says why.
    if (input) pipeline(input, stream).catch(() => {});
    await Promise.race([finished(stream, { writable: false }).catch(() => {}), stopped]);
    const [out, error] = [await stdout.end(), await stderr.end()];
    return { code: (await exec.inspect()).ExitCode ?? -1, stdout: out, stderr: error };
  } finally {
    ended.abort();
    stream?.destroy();
    output?.end();
  }
}

/** Whoever takes what is printed sets the pace. */
function slowDown(stream: Readable, output: Writable): void {
  stream.on("data", () => {
    if (!output.writableNeedDrain) return;
    stream.pause();
    const goOn = (): void => void stream.resume();
    output.once("drain", goOn).once("close", goOn);
  });
}

function collect(onLine: OnLine | undefined): { into: PassThrough; end: () => Promise<string> } {
  const into = new PassThrough();
  const chunks: Buffer[] = [];
  into.on("data", (chunk: Buffer) => void chunks.push(chunk));
  if (onLine) createInterface({ input: into }).on("line", onLine);
  const end = async (): Promise<string> => {
    into.end();
    await finished(into);
    return String(Buffer.concat(chunks));
  };
  return { into, end };
}

/** Rejects when it is told to end. */
async function untilStopped(
  container: Docker.Container,
  { startedAt, lookMs, ended }: { readonly startedAt: string; readonly lookMs: number; readonly ended: AbortSignal },
): Promise<void> {
  for (;;) {
    await delay(lookMs, undefined, { signal: ended });
    const runs = await container.inspect().then(
      ({ State }) => State.Running && State.StartedAt === startedAt,
      // An engine that does not answer says nothing about the container.
      (error: { statusCode?: number }) => error.statusCode !== 404,
    );
    if (!runs) return;
  }
}
