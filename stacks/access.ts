import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as pulumi from "@pulumi/pulumi";
import { pinnedHostKey } from "../environments/model/known-hosts.ts";
import type { Host as HostPlace, Topology } from "../environments/model/topology.ts";

/** How this run logs in to hosts. */
export interface Access {
  readonly user: string;
  readonly port: number;
  /** Undefined only in a preview without one. */
  readonly privateKey: pulumi.Output<string> | undefined;
  /** Pinned host key by host name; undefined where none is pinned. */
  readonly hostKeys: Readonly<Record<string, string | undefined>>;
}

const environments = join(dirname(fileURLToPath(import.meta.url)), "..", "environments");

/** The lab's directory: its keys, its engine, its place among the labs of this machine. */
export function labDirectory(): string {
  const directory = process.env["TANDEM_LAB"];
  if (directory && existsSync(join(directory, "lab.json"))) return directory;
  throw new pulumi.RunError(
    `TANDEM_LAB: ${directory ? `${directory} holds no lab` : "not set"}; it names the directory of a lab that is up. ` +
      'Run "npm start", then use "npm run up", "npm run pulumi", or a shell after: eval "$(npm run -s toolchain -- env --lab)"',
  );
}

export interface Lab {
  readonly id: string;
  readonly slot: number;
  /** As DOCKER_HOST. */
  readonly dockerHost: string;
  /** Id of the engine's data. */
  readonly engineId: string;
  /** Id of the machine image in that engine. */
  readonly image: string;
  /** Id of the image of the machines that run pods. */
  readonly workerImage: string;
  /** Ids of the services' images in that engine, by their names in the environment file. */
  readonly images: Readonly<Record<string, string>>;
}

export const readLab = (): Lab => JSON.parse(readFileSync(join(labDirectory(), "lab.json"), "utf8")) as Lab;

/** Logs in to the given hosts; a host without a pinned key, or no private key at all, is a warning in a preview and refused in an `up`. */
export async function accessTo(topology: Topology, hosts: readonly HostPlace[]): Promise<Access> {
  const inLab = topology.machines === "lab";
  const knownHostsFile = inLab ? join(labDirectory(), topology.ssh.knownHosts) : join(environments, topology.ssh.knownHosts);
  const knownHosts = existsSync(knownHostsFile) ? readFileSync(knownHostsFile, "utf8") : "";
  const { user, port } = topology.ssh;
  const keyFile = inLab ? join(labDirectory(), "id_ed25519") : process.env["TANDEM_SSH_KEY_FILE"];
  const privateKey = keyFile
    ? pulumi.secret(readFileSync(keyFile, "utf8"))
    : new pulumi.Config("tandem").getSecret("sshPrivateKey");
  const hostKeys = Object.fromEntries(
    hosts.map((host) => [host.name, pinnedHostKey(knownHosts, host.addresses.management, port)]),
  );

  const problems: string[] = [];
  const unpinned = hosts.filter((host) => hostKeys[host.name] === undefined).map((host) => host.name);
  if (unpinned.length > 0)
    problems.push(`${knownHostsFile}: no ssh-ed25519 host key of ${unpinned.join(", ")}; read each at its console and add it`);
  if (!privateKey)
    problems.push(
      "the platform's SSH key: neither TANDEM_SSH_KEY_FILE names its file, nor is it in the stack: pulumi config set --secret tandem:sshPrivateKey < <file>",
    );
  if (problems.length > 0 && !pulumi.runtime.isDryRun()) throw new pulumi.RunError(problems.join("\n"));
  for (const problem of problems) await pulumi.log.warn(`${problem}. An up is refused until then.`);
  return { user, port, privateKey, hostKeys };
}
