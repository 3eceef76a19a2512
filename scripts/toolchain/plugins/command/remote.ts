import type { Values } from "../provider/values.ts";
import type { Work } from "./command.ts";
import { type Dialled, dial } from "./dial.ts";
import { exec, type Started, signalRemote } from "./exec.ts";
import { Output } from "./output.ts";
import { previousEnvironment } from "./previous.ts";
import type { RemoteInputs } from "./shapes.ts";

/** How long a command that was told to stop may go on before it is killed, and how long that may take. */
const graceMs = 5_000;
const killMs = 2_000;

/** Runs a command over SSH, on a connection of its own: what it changes about logins holds for the next one. */
export async function runRemote(command: string, inputs: RemoteInputs, work: Work): Promise<Values> {
  const { context, urn } = work;
  const dialled = await dial(inputs.connection, context, urn);
  const output = new Output(inputs.logging, work.lines);
  try {
    const previous = await previousEnvironment(inputs, work);
    const run = await started(dialled, command, inputs, previous, work);
    const ending = await ended(run, inputs.stdin ?? "", dialled, output, context.signal);
    output.end();
    await work.lines.flushed();
    if (ending) throw output.failure(ending, command, work.redact);
    return { stdout: output.text("stdout"), stderr: output.text("stderr") };
  } finally {
    dialled.close();
  }
}

async function started(
  { client, name }: Dialled,
  command: string,
  inputs: RemoteInputs,
  previous: Readonly<Record<string, string>>,
  { context, urn }: Work,
): Promise<Started> {
  const environment = { ...inputs.environment, ...previous };
  const gone = new Promise<never>((_resolve, reject) => {
    client.once("close", () => reject(new Error(`${name} closed the connection before the command was started`)));
    context.signal.addEventListener("abort", () => reject(context.signal.reason), { once: true });
  });
  gone.catch(() => {});
  const refusal = async (names: readonly string[]) => {
    const own = names.filter((each) => Object.hasOwn(inputs.environment ?? {}, each));
    const advice = `The SSH server of ${name} accepts only variables that its AcceptEnv lists`;
    if (own.length > 0) throw new Error(`environment: ${own.join(", ")} could not be set, so the command was not run. ${advice}`);
    await context.engine.log(
      "warning",
      `${names.join(", ")} could not be set. ${advice}; addPreviousOutputInEnv: false avoids this`,
      { urn },
    );
  };
  return Promise.race([exec(client, command, environment, refusal), gone]);
}

/** Resolves when the command has ended and its output is complete: with nothing, or with what went wrong. */
function ended(
  { channel, exit }: Started,
  stdin: string,
  dialled: Dialled,
  output: Output,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { client, name } = dialled;
  return new Promise((resolve) => {
    let why: string | undefined;
    const timers: NodeJS.Timeout[] = [];
    const done = (result: string | undefined) => {
      signal.removeEventListener("abort", onAbort);
      client.off("close", onLost);
      timers.forEach(clearTimeout);
      resolve(result);
    };
    const stop = (reason: string) => {
      if (why !== undefined) return;
      why = reason;
      signalRemote(client, channel, "TERM");
      timers.push(setTimeout(() => signalRemote(client, channel, "KILL"), graceMs));
      timers.push(setTimeout(() => done(`${reason}; ${name} did not confirm that it ended`), graceMs + killMs));
    };
    const onAbort = () => stop(`stopped: ${(signal.reason as Error).message}`);
    const onLost = () =>
      done(
        why ??
          (exit.status === undefined
            ? `the connection to ${name} was lost while the command ran: it may have run in part or may still be running. Look at the host before the next run`
            : statusText(exit.status)),
      );
    signal.addEventListener("abort", onAbort, { once: true });
    client.once("close", onLost);
    const take = (stream: "stdout" | "stderr") => (chunk: Buffer) => {
      if (why !== undefined) return;
      try {
        output.take(stream, chunk);
      } catch (error) {
        stop((error as Error).message);
      }
    };
    channel.on("data", take("stdout"));
    channel.stderr.on("data", take("stderr"));
    channel.on("error", () => {});
    channel.once("close", () => {
      // Without a status the connection is about to close as well, or the host ended the session alone.
      if (exit.status === undefined && why === undefined) setImmediate(onLost);
      else done(why ?? statusText(exit.status));
    });
    channel.end(stdin);
    if (signal.aborted) onAbort();
  });
}

function statusText(status: string | number | undefined): string | undefined {
  if (status === 0) return undefined;
  return typeof status === "number"
    ? `Process exited with status ${status}`
    : `Process ended by signal ${status?.replace(/^SIG/, "")}`;
}
