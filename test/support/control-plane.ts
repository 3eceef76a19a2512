import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { allReady } from "../../components/control-plane/api-health.ts";
import {
  type ControlPlaneService,
  controlPlanePaths,
  controlPlaneServices,
} from "../../components/control-plane/cluster.render.ts";
import { loadEnvironment } from "../../environments/model/load.ts";
import { controlPlanePorts } from "../../environments/model/ports.ts";
import type { Host, Site, Timings, Topology } from "../../environments/model/topology.ts";
import { topologyOf } from "../../environments/model/topology-of.ts";
import { ensureKubernetesBinaries } from "../../scripts/toolchain/kubernetes-binaries.ts";
import type { Json } from "./api-call.ts";
import { declareControlPlane, onHost } from "./declared-control-plane.ts";
import { spawnOwned } from "./interrupted.ts";
import type { DeclaredResource } from "./mocked-program.ts";
import { freePort } from "./sshd.ts";
import { testCredentials } from "./test-credentials.ts";

/** A whole control plane of one host on loopback: what the component declares for it, run by the real programs, kine on SQLite. */
export interface TestControlPlane {
  readonly directory: string;
  readonly ports: Readonly<Record<keyof typeof controlPlanePorts, number>>;
  /** PEM. */
  readonly authorities: string;
  readonly administrator: { readonly certificate: string; readonly privateKey: string };
  readonly declared: readonly DeclaredResource[];
  /** What it declares for the cluster. */
  readonly objects: readonly Json[];
  readonly database: string;
  readonly auditLog: string;
  /** Of the cluster's own authority, by the name that the model gives the certificate. PEM. */
  issued(certificate: string): TestControlPlane["administrator"];
  /** PEM files of what the host was given, by their name. */
  file(name: string): string;
  log(service: ControlPlaneService): string;
  /** The platform's, with what the test asked for. */
  readonly timings: Timings;
  /** Starts a second one, as another host has it. */
  startSecond(service: "kube-controller-manager" | "kube-scheduler"): Promise<void>;
  /** As kill -9 does to the one that was started first. */
  kill(service: ControlPlaneService): Promise<void>;
  stop(): Promise<void>;
}

export async function startControlPlane(timings: Partial<Timings> = {}): Promise<TestControlPlane> {
  const binaries = await ensureKubernetesBinaries(controlPlaneServices, () => {});
  const directory = mkdtempSync(join(tmpdir(), "tandem-control-plane-"));
  const children: { readonly service: ControlPlaneService; readonly process: ChildProcess }[] = [];
  const stop = async () => {
    for (const child of children.toReversed()) await end(child.process);
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    const { topology, site, host } = onLoopback(timings);
    mkdirSync(join(directory, "trust"));
    const credentials = testCredentials(topology, join(directory, "trust"));
    const declared = await declareControlPlane(topology, site, credentials);
    const { files, commands } = onHost(declared, host.name);
    const ports = Object.fromEntries(
      await Promise.all(Object.keys(controlPlanePorts).map(async (name) => [name, await freePort()])),
    ) as TestControlPlane["ports"];
    const moved = (text: string): string =>
      Object.entries(controlPlanePorts)
        .reduce((moving, [name, port]) => moving.replaceAll(portPattern(port), String(ports[name as keyof typeof ports])), text)
        .replaceAll(controlPlanePaths.directory, join(directory, "etc"))
        .replaceAll(controlPlanePaths.auditLog, join(directory, "log"));
    for (const each of ["etc", "log"]) mkdirSync(join(directory, each));
    for (const [path, content] of files) writeFileSync(join(directory, "etc", basename(path)), moved(content));
    const database = join(directory, "state.db");
    const start = (service: ControlPlaneService, replaced: readonly string[] = []): void => {
      const output = openSync(join(directory, `${service}.out`), "a");
      const flags = (commands.get(service) ?? []).map(moved);
      const args = flags.map((flag) => replaced.find((other) => nameOf(other) === nameOf(flag)) ?? flag);
      const process = spawnOwned(binaries[service], args, { stdio: ["ignore", output, output], cwd: directory });
      children.push({ service, process });
    };
    const startSecond = async (service: ControlPlaneService): Promise<void> =>
      start(service, [`--secure-port=${await freePort()}`]);
    const kill = async (service: ControlPlaneService): Promise<void> => {
      const first = children.find((child) => child.service === service);
      if (first) await end(first.process);
    };
    const log = (service: ControlPlaneService): string => readFileSync(join(directory, `${service}.out`), "utf8");
    const file = (name: string): string => readFileSync(join(directory, "etc", name), "utf8");
    const authorities = file("authorities.pem");
    start("kine", [sqlite(database)]);
    start("kube-apiserver");
    await allReady([{ name: host.name, address: "127.0.0.1", port: ports.api }], { authorities }, 60).catch((error: Error) => {
      throw new Error(`${error.message}\n${log("kine").slice(-2000)}\n${log("kube-apiserver").slice(-4000)}`);
    });
    start("kube-controller-manager");
    start("kube-scheduler");
    start("metrics-server", ["--metric-resolution=12s"]);
    const objects = declared
      .filter(({ type }) => /^kubernetes:.*\//.test(type))
      .map(({ inputs }) => JSON.parse(moved(JSON.stringify(inputs))) as Json);
    const issued = (certificate: string): TestControlPlane["administrator"] => {
      credentials.issued(certificate);
      const made = join(directory, "trust", `kubernetes-${site.name}`, certificate);
      return { certificate: readFileSync(`${made}.crt`, "utf8"), privateKey: readFileSync(`${made}.key`, "utf8") };
    };
    const administrator = issued(`kubernetes-administrator-${site.name}`);
    const auditLog = join(directory, "log", "audit.log");
    const seen = { directory, ports, authorities, administrator, declared, objects, database, auditLog };
    return { ...seen, timings: topology.timings, issued, file, log, startSecond, kill, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The lab's first site with one control-plane host, which is this machine, as its nodes are. */
function onLoopback(timings: Partial<Timings>): { readonly topology: Topology; readonly site: Site; readonly host: Host } {
  const topology = topologyOf(loadEnvironment("lab", { slot: 0 }));
  const [first] = topology.sites;
  if (!first) throw new Error("the lab has no site");
  const alone = (host: Host): Host => ({
    ...host,
    inService: host.inService && (host.role !== "control-plane" || host.shortName === "cp1"),
    addresses: ["cp1", "wk1"].includes(host.shortName) ? { ...host.addresses, management: "127.0.0.1" } : host.addresses,
  });
  const site = { ...first, zones: first.zones.map((zone) => ({ ...zone, hosts: zone.hosts.map(alone) })) };
  const host = site.zones.flatMap(({ hosts }) => hosts).find(({ shortName }) => shortName === "cp1");
  if (!host) throw new Error("the lab has no cp1");
  const timed = { ...topology, timings: { ...topology.timings, ...timings } };
  return { topology: { ...timed, sites: [site, ...topology.sites.slice(1)] }, site, host };
}

const nameOf = (flag: string): string => flag.split("=")[0] ?? "";

/** A port as flags and addresses have it. */
const portPattern = (port: number): RegExp => new RegExp(`(?<=:|port=)${port}\\b`, "g");

const sqlite = (file: string): string =>
  `--endpoint=sqlite://${file}?_pragma=journal_mode(WAL)&_pragma=busy_timeout(30000)&_pragma=synchronous(0)&_txlock=immediate`;

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill("SIGKILL");
  await exited;
}
