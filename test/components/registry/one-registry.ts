import { type ChildProcess, execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { hostSysctls } from "../../../components/host/sysctl.render.ts";
import { startDistribution } from "../../../components/registry/distribution.render.ts";
import { frontCommand } from "../../../components/registry/front.render.ts";
import { registryPaths, type SiteRegistry } from "../../../components/registry/registry.render.ts";
import { renderReplicated, replicationPaths } from "../../../components/registry/replication.render.ts";
import { platformPorts, registryPorts } from "../../../environments/model/ports.ts";
import { serviceAccount } from "../../../environments/model/service-account.ts";
import type { Host } from "../../../environments/model/topology.ts";
import { spawnOwned } from "../../support/interrupted.ts";
import { inNetworkOf } from "../../support/unpacked.ts";
import { until } from "../../support/until.ts";

export type Part = "server" | "front" | "replication";

export interface How {
  /** Of replication; default: every three seconds. */
  readonly everyMinutes?: number;
  /** Of the server: an empty disk of that size instead of its own. */
  readonly diskMib?: number;
}

/** Roots of the images that its parts run from, on this machine. */
export type Roots = Readonly<Record<"registry" | "haproxy", string>>;

export interface OneRegistryArgs {
  readonly host: Host;
  readonly roots: Roots;
  /** Its own, on this machine. */
  readonly directory: string;
  /** Where images lie that are pushed: `/images` on the host. */
  readonly images: string;
  readonly registry: () => SiteRegistry;
  /** What its parts read, by path. */
  readonly configuration: (how: How) => Readonly<Record<string, string>>;
}

/** A site's registry: its parts as processes in the images' roots, as the service account, in a network of their own. */
export class OneRegistry {
  readonly host: Host;
  readonly #args: OneRegistryArgs;
  readonly #keeper: ChildProcess;
  readonly #running = new Map<Part, ChildProcess>();

  constructor(args: OneRegistryArgs) {
    this.#args = args;
    this.host = args.host;
    for (const root of Object.values(args.roots))
      for (const path of [registryPaths.data, "/etc/tandem", replicationPaths.runtime, "/images"])
        mkdirSync(join(root, path), { recursive: true });
    for (const part of ["data", "configuration"]) mkdirSync(join(args.directory, part), { recursive: true });
    execFileSync("chown", [`${serviceAccount.id}:${serviceAccount.id}`, join(args.directory, "data")]);
    // A connection to a site that is away is given up after some 6 s, where the declared number of tries needs 100 s.
    const declared = { ...hostSysctls(args.host), "net.ipv4.tcp_retries2": "4" };
    const settings = Object.entries(declared)
      .filter(([key]) => key.startsWith("net.ipv4.tcp_") || key === "net.ipv4.ip_unprivileged_port_start")
      .map(([key, value]) => `echo ${value} > /proc/sys/${key.replaceAll(".", "/")}`);
    const network = ["ip link set lo up", ...settings, "echo ready", "exec sleep infinity"].join("; ");
    this.#keeper = spawnOwned("unshare", ["--net", "sh", "-ec", network], { stdio: ["ignore", "pipe", "inherit"] });
  }

  async isThere(): Promise<void> {
    if (this.#keeper.stdout) await once(this.#keeper.stdout, "data");
  }

  /** What a command prints that runs in its network. */
  onNetwork(...command: string[]): string {
    const network = ["--net", `--target=${this.#keeper.pid}`];
    return execFileSync("nsenter", [...network, ...command], { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  }

  /** A program in its network; it ends with this run. */
  runOnNetwork(script: string): ChildProcess {
    return inNetworkOf(this.#keeper.pid, script, ["ignore", "ignore", "inherit"]);
  }

  /** A cable to another one: each reaches the other's host by it. */
  connect(other: OneRegistry): void {
    this.onNetwork("ip", "link", "add", "cable", "type", "veth", "peer", "name", "cable", "netns", String(other.#keeper.pid));
    for (const [one, peer] of [
      [this, other],
      [other, this],
    ] as const) {
      const [own, theirs] = [one.host.addresses.management, peer.host.addresses.management];
      one.onNetwork("ip", "address", "add", `${own}/32`, "dev", "lo");
      one.onNetwork("ip", "link", "set", "cable", "up");
      one.onNetwork("ip", "route", "add", `${theirs}/32`, "dev", "cable", "src", own);
    }
  }

  async start(part: Part, how: How = {}): Promise<void> {
    const { host } = this;
    this.#configure(how);
    const commands: Readonly<Record<Part, readonly [root: keyof Roots, command: string]>> = {
      server: ["registry", `sh -c '${startDistribution(this.#args.registry())}'`],
      front: ["haproxy", frontCommand.join(" ")],
      replication: ["registry", `bash ${replicationPaths.run}`],
    };
    this.#running.set(part, this.#within(...commands[part], "ignore", how.diskMib));
    const pages: Readonly<Partial<Record<Part, string>>> = {
      server: `http://127.0.0.1:${registryPorts.registryMetrics}/debug/health`,
      front: `https://${host.addresses.management}:${platformPorts.registry}/healthz`,
    };
    const page = pages[part];
    const asked = `curl --silent --fail --insecure --output /dev/null ${page}`;
    if (page !== undefined) await until(`${part} of ${host.name} serves`, async () => (await this.run(asked)).code === 0, 30_000);
  }

  /** By KILL. */
  async end(part: Part): Promise<void> {
    const process = this.#running.get(part);
    if (!process) return;
    this.#running.delete(part);
    const exited = once(process, "exit");
    process.kill("SIGKILL");
    await exited;
  }

  async stop(): Promise<void> {
    for (const part of this.#running.keys()) await this.end(part);
    this.#keeper.kill("SIGKILL");
  }

  /** What a script prints that runs on the host beside its containers, and its code. */
  async run(script: string): Promise<{ readonly code: number; readonly output: string }> {
    const name = `.script-${process.hrtime.bigint()}`;
    writeFileSync(join(this.#args.images, name), script);
    const child = this.#within("registry", `bash /images/${name}`, ["ignore", "pipe", "pipe"]);
    const exited = once(child, "exit");
    const said = await Promise.all([child.stdout, child.stderr].map((stream) => (stream ? text(stream) : "")));
    const [code] = (await exited) as [number | null];
    return { code: code ?? -1, output: said.join("").trim() };
  }

  /** Repository, tag and digest of all that it holds, sorted. */
  async inventory(): Promise<string[]> {
    const { code, output } = await this.run(`bash ${registryPaths.inventory}`);
    if (code !== 0) throw new Error(`${this.host.name}: its registry can't be read: ${output}`);
    return output === "" ? [] : output.split("\n").toSorted();
  }

  /** How far the other one follows it, as its container prints it. */
  async replicated(): Promise<string> {
    return (await this.run(renderReplicated())).output;
  }

  #configure(how: How): void {
    for (const [path, content] of Object.entries(this.#args.configuration(how))) {
      const file = path.replace("/etc/tandem", join(this.#args.directory, "configuration"));
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, content, { mode: 0o644 });
    }
  }

  #within(of: keyof Roots, command: string, stdio: "ignore" | ("ignore" | "pipe")[], diskMib?: number): ChildProcess {
    const { roots, directory, images } = this.#args;
    const root = roots[of];
    const { id } = serviceAccount;
    const memory = (path: string, options = ""): string => `mount -t tmpfs -o uid=${id},gid=${id}${options} tmpfs ${root}${path}`;
    // Whoever changes its user forgets whose child it is: what stays root's is told of the end, and takes the rest along.
    const script = `mount --bind ${directory}/configuration ${root}/etc/tandem
${diskMib === undefined ? `mount --bind ${directory}/data ${root}${registryPaths.data}` : memory(registryPaths.data, `,size=${diskMib}m`)}
mount --bind ${images} ${root}/images
${memory(replicationPaths.runtime)}
${memory("/var/tmp")}
mount --bind /dev ${root}/dev
mount -t proc proc ${root}/proc
HOME=/nonexistent chroot --userspec=${id}:${id} ${root} ${command}
exit`;
    return inNetworkOf(this.#keeper.pid, script, stdio);
  }
}
