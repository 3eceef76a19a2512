import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, type StdioOptions } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
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
import { buildImage, type ImageRecipe } from "../../scripts/lab/images.ts";
import { serviceImages } from "../../scripts/lab/service-images.ts";
import { spawnOwned, whenInterrupted } from "./interrupted.ts";
import { until } from "./until.ts";

/**
 * A NAS's server from the lab's image, with what its component writes and the capabilities that it gets, and clients of it, in a network of their own.
 * A client is a real Linux in user mode, whose kernel mounts; it reaches nothing but the server. Needs root, as the lab does.
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

/** Linux in user mode of Debian's testing: those before 6.13 do not run on processors with AMX. https://docs.kernel.org/virt/uml/user_mode_linux_howto_v2.html */
const clientImage: ImageRecipe = {
  repository: "tandem/nfs-client",
  suite: "testing",
  packages: ["iproute2", "kmod", "nfs-common", "user-mode-linux"],
  removed: [],
  contents: { texts: ["init 1"], files: [] },
  furnish: (root) => {
    symlinkSync("uml/modules", join(root, "usr/lib/modules"));
    mkdirSync(join(root, "probes"));
    writeFileSync(join(root, "init"), init, { mode: 0o755 });
    return Promise.resolve();
  },
  changes: [],
};

const [begin, end] = ["=== begins", "=== ended with"];

/** Linux gives what it does not know of its command line to its first process, as environment. */
const init = `#!/bin/sh
mount -t proc proc /proc
mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /mnt
ip link set lo up
ip address add "$address/32" dev vec0
ip link set vec0 up
ip route add "$server" dev vec0
echo "${begin}"
sh "/probes/$probe" 2>&1
echo "${end} $?"
echo o > /proc/sysrq-trigger
sleep 10
`;

export async function startNas(
  host: Host,
  exports: readonly NasExport[],
  volumes: readonly Volume[],
  timings: Timings,
): Promise<Nas> {
  const images = [await buildImage(serviceImages.nas, () => {}), await buildImage(clientImage, () => {})] as const;
  const directory = mkdtempSync(join(tmpdir(), "tandem-nas-"));
  const [server, client] = images.map(({ file }, index) => {
    const root = join(directory, String(index));
    mkdirSync(root);
    execFileSync("tar", ["--extract", `--file=${file}`, `--directory=${root}`]);
    return root;
  }) as [string, string];
  const remove = (): void => rmSync(directory, { recursive: true, force: true });
  whenInterrupted(remove);
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
  symlinkSync("/proc/mounts", join(server, "etc/mtab"));
  const { storage: address } = host.addresses;
  const capabilities = nasCapabilities.map((name) => `+${name.slice("CAP_".length).toLowerCase()}`).join(",");
  // As Docker has it in its containers.
  const network = `sysctl --quiet --write net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
ip link set lo up
ip link add plane type bridge && ip address add ${address}/32 dev plane && ip link set plane up
echo ready
exec sleep infinity`;
  const isolated = ["--mount", "--pid", "--fork", "--kill-child"];
  const keeper = spawnOwned("unshare", ["--net", "sh", "-ec", network], { stdio: ["ignore", "pipe", "inherit"] });
  const inNetwork = (script: string, stdio: StdioOptions): ChildProcess =>
    // In a namespace of processes: what was begun there ends with it, also when this run is interrupted.
    spawnOwned("nsenter", ["--net", `--target=${keeper.pid}`, "unshare", ...isolated, "sh", "-ec", script], { stdio });
  const serve = `mount --bind ${server} ${server}
mount -t proc proc ${server}/proc
exec chroot ${server} setpriv --bounding-set=-all,${capabilities} sh ${nasPaths.start}`;
  let running: ChildProcess | undefined;
  let said = "";
  const start = async (): Promise<void> => {
    said = "";
    running = inNetwork(serve, ["ignore", "pipe", "pipe"]);
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
  let clients = 0;
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
    client: async (from, script) => {
      const probe = String(++clients);
      writeFileSync(join(client, "probes", probe), script);
      const tap = `client${probe}`;
      const kernel = [
        ...["rootfstype=hostfs", "rootflags=/", "rw", "mem=192M", "init=/init", "quiet", "con=null", "con0=fd:0,fd:1"],
        ...[`vec0:transport=tap,ifname=${tap},depth=64`, `umid=${tap}`, "uml_dir=/tmp"],
        ...[`address=${from}`, `server=${address}`, `probe=${probe}`],
      ];
      const boot = `ip tuntap add ${tap} mode tap && ip link set ${tap} master plane up && ip route replace ${from}/32 dev plane
mount --bind /dev ${client}/dev
mount -t proc proc ${client}/proc
HOME=/tmp exec chroot ${client} /usr/bin/linux.uml ${kernel.join(" ")}`;
      const machine = inNetwork(boot, ["ignore", "pipe", "inherit"]);
      const output = machine.stdout ? await text(machine.stdout) : "";
      const [, printed = "", code = "-1"] = new RegExp(`${begin}\\r?\\n([^]*)${end} (\\d+)`).exec(output) ?? [];
      if (code === "-1") throw new Error(`the client did not come to its end: ${output}`);
      return { code: Number(code), output: printed.replaceAll("\r", "").trim() };
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
