import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { UserError } from "../console/errors.ts";
import { clientOf } from "./daemon.ts";
import type { Lab } from "./instance.ts";

/** Runs a command in a container, by its id or name, and returns what it prints; `user` as in "0". Its words show in the machine's list of processes. */
export async function runIn(
  lab: Pick<Lab, "dockerHost">,
  container: string,
  words: readonly string[],
  user?: string,
): Promise<string> {
  const docker = clientOf(lab.dockerHost);
  const run = await docker
    .getContainer(container)
    .exec({ Cmd: [...words], AttachStdout: true, AttachStderr: true, ...(user !== undefined && { User: user }) });
  const stream = await run.start({});
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  docker.modem.demuxStream(stream, stdout, stderr);
  stream.once("end", () => {
    stdout.end();
    stderr.end();
  });
  const [output, error] = await Promise.all([text(stdout), text(stderr)]);
  const { ExitCode } = await run.inspect();
  if (ExitCode !== 0)
    throw new UserError(`${words.join(" ")} in ${container.slice(0, 40)} ended with code ${ExitCode}: ${error.trim()}`);
  return output;
}
