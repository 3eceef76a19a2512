import { type ChildProcess, execFileSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, connect, createServer } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { spawnOwned } from "./interrupted.ts";
import { until } from "./until.ts";

export interface SshdOptions {
  /** Names that the server accepts as environment. */
  readonly acceptEnv?: readonly string[];
  /** The types of its host keys; the first one is `hostKey`. */
  readonly hostKeyTypes?: readonly ("ed25519" | "rsa" | "ecdsa")[];
  /** More lines of sshd_config. */
  readonly config?: readonly string[];
}

/** A real OpenSSH server on a loopback port, with keys of its own, for one test file. */
export interface Sshd {
  readonly host: "127.0.0.1";
  readonly port: number;
  readonly user: string;
  /** Public, as in known_hosts: `<type> <base64>`. */
  readonly hostKey: string;
  /** A key that it lets in, and one that it does not know. */
  readonly privateKey: string;
  readonly strangersKey: string;
  readonly directory: string;
  log(): string;
  /** Ends every open session as a crash would: the client sees the connection drop. */
  dropSessions(): void;
  stop(): Promise<void>;
}

export async function startSshd(options: SshdOptions = {}): Promise<Sshd> {
  const binary = sshdBinary();
  const directory = mkdtempSync(join(tmpdir(), "tandem-sshd-"));
  const key = (name: string, type: string) => {
    execFileSync("ssh-keygen", ["-q", "-t", type, "-N", "", "-C", "test", "-f", join(directory, name)]);
    return readFileSync(join(directory, name), "utf8");
  };
  const types = options.hostKeyTypes ?? ["ed25519"];
  for (const type of types) key(`host_${type}`, type);
  const privateKey = key("client", "ed25519");
  const strangersKey = key("stranger", "ed25519");
  const port = await freePort();
  const logPath = join(directory, "sshd.log");
  writeFileSync(
    join(directory, "sshd_config"),
    [
      "ListenAddress 127.0.0.1",
      `Port ${port}`,
      ...types.map((type) => `HostKey ${join(directory, `host_${type}`)}`),
      `AuthorizedKeysFile ${join(directory, "client.pub")}`,
      "StrictModes no",
      "UsePAM no",
      "PidFile none",
      "PasswordAuthentication no",
      "MaxStartups 100",
      "Subsystem sftp internal-sftp",
      ...(options.acceptEnv?.length ? [`AcceptEnv ${options.acceptEnv.join(" ")}`] : []),
      ...(options.config ?? []),
      "",
    ].join("\n"),
  );
  if (process.getuid?.() === 0) mkdirSync("/run/sshd", { recursive: true, mode: 0o755 });
  const server = spawnOwned(binary, ["-D", "-f", join(directory, "sshd_config"), "-E", logPath], { stdio: "ignore" });
  const log = () => (existsSync(logPath) ? readFileSync(logPath, "utf8") : "");
  const stop = async () => {
    await end(server);
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    await until(`sshd answers on port ${port}`, async () => {
      if (server.exitCode !== null) throw new Error(`sshd ended with ${server.exitCode}:\n${log()}`);
      return answers(port);
    });
  } catch (error) {
    await stop();
    throw error;
  }
  const hostKey = readFileSync(join(directory, `host_${types[0]}.pub`), "utf8")
    .split(" ")
    .slice(0, 2)
    .join(" ");
  const dropSessions = () => {
    for (const pid of sshdDescendants(server.pid as number)) kill(pid);
  };
  return {
    host: "127.0.0.1",
    port,
    user: userInfo().username,
    hostKey,
    privateKey,
    strangersKey,
    directory,
    log,
    dropSessions,
    stop,
  };
}

/** Installs Debian's server where it is missing and that is possible. */
function sshdBinary(): string {
  const path = ["/usr/sbin/sshd", "/usr/local/sbin/sshd"].find((each) => existsSync(each));
  if (path) return path;
  if (process.getuid?.() !== 0 || !existsSync("/usr/bin/apt-get"))
    throw new Error("These tests need sshd: install openssh-server");
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  execFileSync("apt-get", ["update", "-q"], { env, stdio: "ignore" });
  execFileSync("apt-get", ["install", "-qy", "--no-install-recommends", "openssh-server"], { env, stdio: "ignore" });
  return "/usr/sbin/sshd";
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    const done = (result: boolean) => {
      socket.destroy();
      resolve(result);
    };
    socket.once("data", (data) => done(data.toString("latin1").startsWith("SSH-2.0")));
    socket.once("error", () => done(false));
  });
}

function children(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(/\s+/).filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

function sshdDescendants(pid: number): number[] {
  return children(pid)
    .filter((child) => commandName(child).startsWith("sshd"))
    .flatMap((child) => [child, ...sshdDescendants(child)]);
}

function commandName(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, "utf8").trim();
  } catch {
    return "";
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended already.
  }
}

async function end(server: ChildProcess): Promise<void> {
  for (const pid of sshdDescendants(server.pid as number)) kill(pid);
  if (server.exitCode !== null || server.signalCode !== null) return;
  const exited = once(server, "exit");
  server.kill("SIGKILL");
  await exited;
}
