import { createHash } from "node:crypto";
import { once } from "node:events";
import { createConnection, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { NodeSSH } from "node-ssh";
import { renderChangedFilesProbe } from "./host-file.render.ts";
import { shellQuote } from "./shell.ts";

/** What a machine says of itself, read over SSH with its key pinned. */
export interface Inspection {
  /** systemd's machine id: another installation has another one. */
  readonly machineId: string;
  /** Id of its Docker engine; empty where it runs none of its own. */
  readonly engineId: string;
  /** Whether that engine leaves its containers running when it ends; true where there is none. */
  readonly restoresLive: boolean;
  /** Files that are no longer as we wrote them. */
  readonly changedFiles: readonly string[];
}

export interface Login {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly privateKey: string;
  /** As in known_hosts: `ssh-ed25519 AAAA…`. */
  readonly hostKey: string;
}

const connectSeconds = 15;
/** A host that answers may be slow to talk: all hosts of a stack are asked at once, and a busy machine of two cores takes its time for so many keys. */
const handshakeSeconds = 90;
/** How long a host that refuses connections may take: one that was just switched on starts its SSH server last. */
const startSeconds = 30;

/** Reads a host's identity and which of our files were changed by hand. Changes nothing. */
export async function inspectHost(login: Login): Promise<Inspection> {
  const ssh = await connect(login, Date.now() + startSeconds * 1000);
  try {
    const script = `cat /etc/machine-id; docker info --format '{{.ID}} {{.LiveRestoreEnabled}}' 2>/dev/null || echo; ${renderChangedFilesProbe()}`;
    const { stdout, stderr, code } = await ssh.execCommand(
      login.user === "root" ? script : `sudo -n /bin/sh -c ${shellQuote(script)}`,
    );
    if (code !== 0) throw new Error(stderr.trim() || `its inspection ended with code ${code}`);
    return readInspection(stdout);
  } finally {
    ssh.dispose();
  }
}

/** Of what a host's inspection prints, a line each: its id, its engine, and files. */
export function readInspection(output: string): Inspection {
  const [machineId = "", engine = "", ...changedFiles] = output.split("\n").map((line) => line.trim());
  const [engineId = "", live] = engine.split(" ");
  return { machineId, engineId, restoresLive: live !== "false", changedFiles: changedFiles.filter((file) => file !== "") };
}

/** Runs one command on a host, its key pinned. */
export async function runOn(
  login: Login,
  command: string,
): Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }> {
  const ssh = await connect(login, Date.now() + startSeconds * 1000);
  try {
    return await ssh.execCommand(command);
  } finally {
    ssh.dispose();
  }
}

async function connect(login: Login, deadline: number): Promise<NodeSSH> {
  const pinned = Buffer.from(login.hostKey.split(" ")[1] ?? "", "base64");
  for (;;) {
    try {
      return await new NodeSSH().connect({
        host: login.host,
        port: login.port,
        sock: await connected(login),
        username: login.user,
        privateKey: login.privateKey,
        readyTimeout: handshakeSeconds * 1000,
        algorithms: { serverHostKey: ["ssh-ed25519"] },
        hostVerifier: (key: Buffer) => key.equals(pinned),
      });
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      // An SSH server that is not ready yet closes what it was sent.
      const starting = ["ECONNREFUSED", "ECONNRESET"].includes(code ?? "") || message.includes("lost before handshake");
      if (!starting || Date.now() > deadline) throw error;
      await delay(250);
    }
  }
}

/** A connection that the host has taken: one that is down is told sooner than one that is slow. */
async function connected({ host, port }: Login): Promise<Socket> {
  // Without it each small message waits 40 ms for the other side's delayed acknowledgement.
  const socket = createConnection({ host, port, noDelay: true });
  try {
    await once(socket, "connect", { signal: AbortSignal.timeout(connectSeconds * 1000) });
    return socket;
  } catch (error) {
    socket.destroy();
    throw (error as Error).name === "AbortError" ? new Error(`no answer within ${connectSeconds} s`) : error;
  }
}

/** SHA-256 fingerprint of a host key, as `ssh-keygen -l` prints it. */
export function fingerprint(hostKey: string): string {
  const digest = createHash("sha256")
    .update(Buffer.from(hostKey.split(" ")[1] ?? "", "base64"))
    .digest("base64");
  return `SHA256:${digest.replace(/=+$/, "")}`;
}
