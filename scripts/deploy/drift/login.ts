import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pinnedHostKey } from "../../../environments/model/known-hosts.ts";
import { environmentsDirectory } from "../../../environments/model/load.ts";
import type { Host, Topology } from "../../../environments/model/topology.ts";
import { UserError } from "../../console/errors.ts";
import type { DeployedPlatform } from "../surroundings.ts";
import type { Login } from "./ssh.ts";

/** The same for a Docker engine behind SSH. */
export function sshOptionsOf(login: Login): object {
  const pinned = Buffer.from(login.hostKey?.split(" ")[1] ?? "", "base64");
  return { ...login.key, algorithms: { serverHostKey: ["ssh-ed25519"] }, hostVerifier: (key: Buffer) => key.equals(pinned) };
}

export const allHosts = (topology: Topology): Host[] =>
  topology.sites.flatMap((site) => site.zones.flatMap((zone) => zone.hosts));

type Reached = Pick<DeployedPlatform, "topology" | "lab">;

/** How to log in to a host of the platform. */
export function loginOf(platform: Reached, host: Host): Login {
  const { user, port, knownHosts } = platform.topology.ssh;
  const knownHostsFile = join(platform.lab?.directory ?? environmentsDirectory, knownHosts);
  const address = host.addresses.management;
  return {
    address,
    port,
    user,
    knownHostsFile,
    hostKey: pinnedHostKey(readOrEmpty(knownHostsFile), address, port),
    key: keyOf(platform),
  };
}

/** The lab's own key; on real machines the file that TANDEM_SSH_KEY_FILE names, or the user's agent. */
function keyOf(platform: Reached): Login["key"] {
  if (platform.lab) return { privateKey: readFileSync(join(platform.lab.directory, "id_ed25519"), "utf8") };
  const problem = keyProblem(process.env);
  if (problem !== undefined) throw new UserError(problem);
  const file = process.env["TANDEM_SSH_KEY_FILE"];
  return file ? { privateKey: readFileSync(file, "utf8") } : { agent: process.env["SSH_AUTH_SOCK"] ?? "" };
}

/** Why nobody could log in to real machines with this environment; undefined where there is a key. */
export function keyProblem(env: Readonly<NodeJS.ProcessEnv>): string | undefined {
  const file = env["TANDEM_SSH_KEY_FILE"];
  if (file)
    return existsSync(file)
      ? undefined
      : `TANDEM_SSH_KEY_FILE: there is no file ${JSON.stringify(file)}; it names the private key that logs in to the platform's hosts`;
  if (env["SSH_AUTH_SOCK"]) return undefined;
  return (
    "no key to log in to the platform's hosts: TANDEM_SSH_KEY_FILE is not set, and neither is SSH_AUTH_SOCK. Set TANDEM_SSH_KEY_FILE " +
    'to the file of the private key, or start an agent that has it: eval "$(ssh-agent)" && ssh-add <file>'
  );
}

function readOrEmpty(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "";
    throw error;
  }
}
