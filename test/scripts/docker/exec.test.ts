import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { test } from "node:test";
import type Docker from "dockerode";
import { execIn } from "../../../scripts/docker/exec.ts";

interface Behaviour {
  /** The engine's answer to the start of a command. */
  readonly start: () => Promise<PassThrough>;
  /** Since when the container runs, each time that one looks. */
  readonly startedAt: () => string;
}

/** An engine's container: prints all of a stream as the command's output. */
const container = ({ start, startedAt }: Behaviour): Docker.Container =>
  ({
    inspect: async () => ({ Id: "c0ffee", State: { Running: true, StartedAt: startedAt() } }),
    exec: async () => ({ start, inspect: async () => ({ ExitCode: 0 }) }),
    modem: { demuxStream: (from: PassThrough, stdout: PassThrough) => from.pipe(stdout, { end: false }) },
  }) as unknown as Docker.Container;

const never = (): Promise<PassThrough> => new Promise(() => {});

test("a command's output is had line by line while it runs, and whole at its end", async () => {
  const stream = new PassThrough();
  const lines: string[] = [];
  const onLine = (line: string): void => {
    lines.push(line);
    if (line === "one") stream.end("two");
  };
  stream.write("one\n");
  const said = await execIn(container({ start: async () => stream, startedAt: () => "then" }), ["true"], { onLine });
  assert.deepEqual([said, lines], [{ code: 0, stdout: "one\ntwo", stderr: "" }, ["one", "two"]]);
});

for (const [what, start] of [
  ["opens no stream for", never],
  ["leaves the stream open of", async () => new PassThrough()],
] as const)
  test(`an engine that ${what} a command whose container was started again meanwhile: the command has failed`, async () => {
    let looks = 0;
    const restarted = container({ start, startedAt: () => `${looks++}` });
    await assert.rejects(
      execIn(restarted, ["cat", "state"], { lookMs: 10 }),
      /^UserError: c0ffee was stopped while a command ran in it: cat state$/,
    );
  });
