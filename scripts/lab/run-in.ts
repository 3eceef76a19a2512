import { UserError } from "../console/errors.ts";
import { execIn } from "../docker/exec.ts";
import { clientOf } from "./daemon.ts";
import type { Lab } from "./instance.ts";

/** Runs a command in a container of the lab, by its id or name, and returns what it prints; `user` as in "0". */
export async function runIn(
  lab: Pick<Lab, "dockerHost">,
  container: string,
  words: readonly string[],
  user?: string,
): Promise<string> {
  const { code, stdout, stderr } = await execIn(clientOf(lab.dockerHost).getContainer(container), words, {
    ...(user !== undefined && { user }),
  });
  if (code !== 0)
    throw new UserError(`${words.join(" ")} in ${container.slice(0, 40)} ended with code ${code}: ${stderr.trim()}`);
  return stdout;
}
