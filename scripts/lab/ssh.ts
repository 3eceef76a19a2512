import { readFileSync } from "node:fs";
import { createConnection } from "node:net";
import { pinnedHostKey } from "../../environments/model/known-hosts.ts";
import type { Host } from "../../environments/model/topology.ts";
import { UserError } from "../console/errors.ts";
import { connectPinned } from "../console/pinned-ssh.ts";
import type { Lab } from "./instance.ts";
import { knownHostsFile, operatorKeyFile } from "./keys.ts";

const connectSeconds = 10;

type SshLab = Pick<Lab, "directory" | "sshUser" | "sshPort">;

/** Arguments of the ssh program: only the lab's key, only the lab's pins, nothing of the user's own set-up. */
export const sshArguments = (lab: SshLab, host: Host, words: readonly string[]): string[] => [
  ...["-F", "/dev/null", "-i", operatorKeyFile(lab.directory), "-p", String(lab.sshPort)],
  ...Object.entries({
    BatchMode: "yes",
    ConnectTimeout: String(connectSeconds),
    GlobalKnownHostsFile: "/dev/null",
    IdentitiesOnly: "yes",
    LogLevel: "ERROR",
    StrictHostKeyChecking: "yes",
    UserKnownHostsFile: knownHostsFile(lab.directory),
  }).flatMap(([key, value]) => ["-o", `${key}=${value}`]),
  `${lab.sshUser}@${host.addresses.management}`,
  ...(words.length > 0 ? ["--", ...words] : []),
];

export interface SshOutcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command on a host of the lab, its key pinned. */
export async function runOnHost(lab: SshLab, host: Host, command: string): Promise<SshOutcome> {
  const address = host.addresses.management;
  const pins = knownHostsFile(lab.directory);
  const hostKey = pinnedHostKey(readFileSync(pins, "utf8"), address, lab.sshPort);
  if (!hostKey)
    throw new UserError(`${pins}: no ssh-ed25519 host key of ${host.name} (${address}); "npm run lab -- up" makes it`);
  const key = { privateKey: readFileSync(operatorKeyFile(lab.directory), "utf8") };
  const ssh = await connectPinned({ address, port: lab.sshPort, user: lab.sshUser, hostKey, key });
  try {
    const { code, stdout, stderr } = await ssh.execCommand(command);
    return { code: code ?? 255, stdout, stderr };
  } finally {
    ssh.dispose();
  }
}

/** Whether a host's SSH server greets on its management address within the bound. */
export function greets(host: Host, port: number, seconds: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: host.addresses.management, port, timeout: seconds * 1000 });
    const end = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.once("data", (data) => end(data.toString("latin1").startsWith("SSH-2.0-")));
    socket.once("error", () => end(false));
    socket.once("timeout", () => end(false));
    socket.once("close", () => end(false));
  });
}
