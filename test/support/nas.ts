import assert from "node:assert/strict";
import { type ChildProcess, execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import {
  nasCapabilities,
  nasPaths,
  renderDirectories,
  renderExports,
  renderGanesha,
  renderMeasureNas,
  renderStartNas,
} from "../../components/storage/ganesha.render.ts";
import type { NasExport } from "../../environments/model/exports.ts";
import type { Host, Timings, Volume } from "../../environments/model/topology.ts";
import { serviceImages } from "../../scripts/lab/service-images.ts";
import { spawnOwned } from "./interrupted.ts";
import { nfsClients } from "./nfs-client.ts";
import { inNetworkOf, unpacked } from "./unpacked.ts";
import { until } from "./until.ts";

/**
 * A NAS's server from the lab's image, with what its component writes and the capabilities that it gets, and clients of it, in a network of their own:
 * they reach nothing but the server. Needs root, as the lab does.
 */
export interface Nas {
  /** What a script prints that a client's root runs, and its code: with `$server` to mount from, and `/mnt` to mount at. */
  client(address: string, script: string): Promise<{ readonly code: number; readonly output: string }>;
  /** Writes other exports and volumes and has them read, as the component does. */
  export(exports: readonly NasExport[], volumes: readonly Volume[]): void;
  /** What the server's program of measuring prints. */
  measure(): string;
  /** Addresses and ports at which the server listens. */
  listens(): string[];
  /** What the server has said. */
  said(): string;
  /** The server dies at once; it starts again when it is told to. */
  crash(): Promise<void>;
  start(): Promise<void>;
  /** Where the server's data are, on this machine. */
  readonly data: string;
  stop(): Promise<void>;
}

export async function startNas(
  host: Host,
  exports: readonly NasExport[],
  volumes: readonly Volume[],
  timings: Timings,
): Promise<Nas> {
  const clients = await nfsClients();
  const { root: server, remove: removeServer } = await unpacked(serviceImages.nas);
  const remove = (): void => {
    clients.remove();
    removeServer();
  };
  const give = (path: string, content: string): void => {
    mkdirSync(dirname(join(server, path)), { recursive: true });
    writeFileSync(join(server, path), content);
  };
  const giveExports = (all: readonly NasExport[], of: readonly Volume[]): void => {
    give(nasPaths.directories, renderDirectories(all, of));
    give(nasPaths.exports, renderExports(all));
  };
  give(nasPaths.server, renderGanesha(host, timings));
  give(nasPaths.measure, renderMeasureNas());
  giveExports(exports, volumes);
  give(nasPaths.start, renderStartNas());
  mkdirSync(join(server, nasPaths.data));
  // As Docker does.
  rmSync(join(server, "etc/mtab"), { force: true });
  symlinkSync("/proc/mounts", join(server, "etc/mtab"));
  const { storage: address } = host.addresses;
  const capabilities = nasCapabilities.map((name) => `+${name.slice("CAP_".length).toLowerCase()}`).join(",");
  // As Docker has it in its containers.
  const network = `sysctl --quiet --write net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
ip link set lo up
ip link add plane type bridge && ip address add ${address}/32 dev plane && ip link set plane up
echo ready
exec sleep infinity`;
  const keeper = spawnOwned("unshare", ["--net", "sh", "-ec", network], { stdio: ["ignore", "pipe", "inherit"] });
  const serve = `mount --bind ${server} ${server}
mount -t proc proc ${server}/proc
exec chroot ${server} setpriv --bounding-set=-all,${capabilities} sh ${nasPaths.start}`;
  let running: ChildProcess | undefined;
  let said = "";
  const start = async (): Promise<void> => {
    said = "";
    running = inNetworkOf(keeper.pid, serve, ["ignore", "pipe", "pipe"]);
    for (const stream of [running.stdout, running.stderr])
      stream?.on("data", (part: Buffer) => {
        said += part.toString();
      });
    await until("the NAS serves", () => /NFS SERVER INITIALIZED/.test(said), 30_000);
  };
  const stop = async (): Promise<void> => {
    if (running) await ended(running, "SIGKILL");
    await ended(keeper, "SIGKILL");
    remove();
  };
  try {
    if (keeper.stdout) await once(keeper.stdout, "data");
    await start();
  } catch (error) {
    await stop();
    throw new Error(said, { cause: error });
  }
  return {
    data: join(server, nasPaths.data),
    said: () => said,
    listens: () => {
      const ask = ["--net", `--target=${keeper.pid}`, "ss", "--no-header", "--listening", "--numeric", "--tcp", "--udp"];
      const sockets = execFileSync("nsenter", ask, { encoding: "utf8" }).trim().split("\n");
      return sockets.map((line) => line.split(/\s+/)).map(([protocol, , , , local]) => `${protocol} ${local}`);
    },
    measure: () => execFileSync("chroot", [server, "sh", nasPaths.measure], { encoding: "utf8" }),
    export: (others, of) => {
      giveExports(others, of);
      process.kill(childOf(running?.pid), "SIGHUP");
    },
    client: (from, script) => {
      const connect = `ip link set $tap master plane up\nip route replace ${from}/32 dev plane`;
      return clients.run({ network: keeper.pid, connect, address: from, server: address }, script);
    },
    crash: async () => {
      assert.ok(running);
      const exited = once(running, "exit");
      process.kill(childOf(childOf(running.pid)), "SIGKILL");
      await exited;
    },
    start,
    stop,
  };
}

function childOf(parent: number | undefined): number {
  const [pid] = readdirSync("/proc").filter((each) => parentOf(each) === parent);
  assert.ok(pid && parent !== undefined, `process ${parent} has no child`);
  return Number(pid);
}

function parentOf(pid: string): number | undefined {
  try {
    return Number(/^PPid:\t(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
  } catch {
    return undefined;
  }
}

async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill(signal);
  await exited;
}
