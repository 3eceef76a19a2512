import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Docker from "dockerode";
import { UserError } from "../console/errors.ts";
import { log, runTool } from "../console/log.ts";
import type { Report } from "../console/steps.ts";
import { controlGroupArguments, removeControlGroup } from "./control-group.ts";
import { descendants, endAll, processesNaming } from "./machine-processes.ts";
import { waitFor } from "./wait.ts";

/** Where a lab's private engine keeps what is its own. */
export interface DaemonPlaces {
  /** Images and containers: survive a restart of the machine. */
  readonly data: string;
  /** Sockets, process ids, mounts: gone with a restart of the machine. */
  readonly run: string;
  readonly socket: string;
  readonly log: string;
}

export const daemonPlaces = (id: string, labDirectory: string): DaemonPlaces => ({
  data: join(labDirectory, "docker"),
  run: join("/run/tandem", id),
  socket: join("/run/tandem", id, "docker.sock"),
  log: join(labDirectory, "dockerd.log"),
});

/** Lives and dies with the engine's data. */
export function engineId({ data }: DaemonPlaces): string {
  const file = join(data, "tandem-engine-id");
  if (!existsSync(file)) writeFileSync(file, randomUUID());
  return readFileSync(file, "utf8");
}

export const clientOf = (dockerHost: string): Docker => new Docker({ socketPath: dockerHost.replace(/^unix:\/\//, "") });

export async function answers(dockerHost: string): Promise<boolean> {
  try {
    await clientOf(dockerHost).ping();
    return true;
  } catch {
    return false;
  }
}

/**
 * Without iptables: a second daemon that manages rules flushes the first one's chains when it starts. The lab's rules are in `firewall.ts`.
 * Without a default bridge and without switching on forwarding: the machine stays as it is.
 */
const daemonArguments = (places: DaemonPlaces): string[] => [
  `--data-root=${places.data}`,
  `--exec-root=${join(places.run, "exec")}`,
  `--pidfile=${join(places.run, "docker.pid")}`,
  `--host=unix://${places.socket}`,
  // The machine's own /etc/docker/daemon.json is for its own engine.
  `--config-file=${join(places.run, "daemon.json")}`,
  "--bridge=none",
  "--iptables=false",
  "--ip6tables=false",
  "--ip-forward=false",
  "--ip-masq=false",
  "--userland-proxy=false",
  "--log-level=warn",
  ...controlGroupArguments(places.run),
];

/** A daemon that answers; one that died is cleared away first, and its containers come back as stopped ones. */
export async function startDaemon(places: DaemonPlaces, report: Report): Promise<"running" | "started" | "restarted"> {
  if (await answers(`unix://${places.socket}`)) return "running";
  const died = existsSync(places.run);
  const left = await clearDaemon(places);
  if (died) report(`the lab's engine had died: ${left} processes and mounts that it left are cleared`);
  mkdirSync(places.run, { recursive: true, mode: 0o711 });
  mkdirSync(places.data, { recursive: true, mode: 0o711 });
  writeFileSync(join(places.run, "daemon.json"), "{}\n");
  report("starting the lab's own Docker engine");
  const output = openSync(places.log, "a", 0o600);
  const { PATH = "/usr/sbin:/usr/bin:/sbin:/bin" } = process.env;
  // A session of its own and an environment without marks of this run: it outlives the command that starts it.
  const child = spawn("dockerd", daemonArguments(places), {
    detached: true,
    stdio: ["ignore", output, output],
    env: { PATH },
    cwd: "/",
  });
  closeSync(output);
  let ended: string | undefined;
  child.on("error", (error) => {
    ended = error.message;
  });
  child.on("exit", (code, signal) => {
    ended = `ended with ${signal ?? `code ${code}`}`;
  });
  child.unref();
  await waitFor(async () => ended !== undefined || (await answers(`unix://${places.socket}`)), 60);
  if (ended === undefined && (await answers(`unix://${places.socket}`))) return died ? "restarted" : "started";
  const last = readFileSync(places.log, "utf8").trimEnd().split("\n").slice(-15).join("\n");
  throw new UserError(`dockerd: ${ended ?? "does not answer after 60 s"}\n${last}\nAll of its output: ${places.log}`);
}

/** Ends the daemon that was started here, with all that it runs: found by its own directory, which no other process names. */
export async function stopDaemon(places: DaemonPlaces): Promise<boolean> {
  const daemon = processesNaming(places.run).filter((process) => process.command.includes("dockerd"));
  for (const { pid } of daemon) process.kill(pid, "SIGTERM");
  await waitFor(() => daemon.every(({ pid }) => !existsSync(`/proc/${pid}`)), 30);
  return (await clearDaemon(places)) > 0 || daemon.length > 0;
}

/** Clears what a daemon leaves that was killed: containerd, shims and the containers under them, mounts, sockets. Returns how many there were. */
async function clearDaemon(places: DaemonPlaces): Promise<number> {
  const own = processesNaming(places.run);
  const ended = await endAll([...own.map(({ pid }) => pid), ...descendants(own.map(({ pid }) => pid))]);
  const mounts = mountsUnder([places.run, places.data]);
  for (const mount of mounts) await runTool("umount", ["--lazy", mount]);
  removeControlGroup(places.run);
  rmSync(places.run, { recursive: true, force: true });
  if (ended + mounts.length > 0) log(`engine in ${places.run}: ${ended} processes and ${mounts.length} mounts cleared`);
  return ended + mounts.length;
}

/** Mount points at and below directories, deepest first: a daemon mounts its data directory on itself, too. */
export function mountsUnder(directories: readonly string[]): string[] {
  return readFileSync("/proc/self/mounts", "utf8")
    .split("\n")
    .flatMap(
      (line) =>
        line.split(" ")[1]?.replace(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8))) ?? [],
    )
    .filter((path) => directories.some((directory) => path === directory || path.startsWith(`${directory}/`)))
    .sort((a, b) => b.length - a.length);
}
