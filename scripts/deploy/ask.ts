import type { Host } from "../../environments/model/topology.ts";
import { UserError } from "../console/errors.ts";
import { execIn } from "../docker/exec.ts";
import { type Place, serviceOn } from "./place.ts";

/** What a command prints in a service's container. */
export async function ask(place: Place, host: Host, service: string, words: readonly string[]): Promise<string> {
  const container = serviceOn(place, host, service);
  const { code, stdout, stderr } = await execIn(container, words).catch((error: unknown) => {
    throw new UserError(
      `${host.name}: its container ${service} can't be asked (${(error as Error).message.split("\n")[0]}); run: npm run up -- --platform ${place.name}`,
    );
  });
  if (code !== 0) throw new UserError(`${host.name}: ${stderr.trim() || `${service} ended with code ${code}`}`);
  return stdout;
}
