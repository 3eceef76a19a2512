import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { allReady } from "../../components/control-plane/api-health.ts";
import {
  type ControlPlaneService,
  controlPlanePaths,
  controlPlanePorts,
  controlPlaneServices,
} from "../../components/control-plane/cluster.render.ts";
import { loadEnvironment } from "../../environments/model/load.ts";
import type { Host, Site, Topology } from "../../environments/model/topology.ts";
import { topologyOf } from "../../environments/model/topology-of.ts";
import { ensureKubernetesBinaries } from "../../scripts/toolchain/kubernetes-binaries.ts";
import { type DeclaredResource, declareControlPlane, onHost } from "./declared-control-plane.ts";
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
  readonly database: string;
  readonly auditLog: string;
  /** PEM files of what the host was given, by their name. */
  file(name: string): string;
  log(service: ControlPlaneService): string;
  stop(): Promise<void>;
}

export async function startControlPlane(): Promise<TestControlPlane> {
  const binaries = await ensureKubernetesBinaries(controlPlaneServices, () => {});
  const directory = mkdtempSync(join(tmpdir(), "tandem-control-plane-"));
  const children: ChildProcess[] = [];
  const stop = async () => {
    for (const child of children) await end(child);
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    const { topology, site, host } = onLoopback();
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
    const start = (service: ControlPlaneService): void => {
      const output = openSync(join(directory, `${service}.out`), "a");
      const flags = (commands.get(service) ?? []).map(moved);
      const args = service === "kine" ? flags.map((flag) => (flag.startsWith("--endpoint=") ? sqlite(database) : flag)) : flags;
      children.unshift(spawn(binaries[service], args, { stdio: ["ignore", output, output], cwd: directory }));
    };
    const log = (service: ControlPlaneService): string => readFileSync(join(directory, `${service}.out`), "utf8");
    const file = (name: string): string => readFileSync(join(directory, "etc", name), "utf8");
    const authorities = file("authorities.pem");
    start("kine");
    start("kube-apiserver");
    await allReady([{ name: host.name, address: "127.0.0.1", port: ports.api }], { authorities }, 60).catch((error: Error) => {
      throw new Error(`${error.message}\n${log("kine").slice(-2000)}\n${log("kube-apiserver").slice(-4000)}`);
    });
    start("kube-controller-manager");
    start("kube-scheduler");
    const trusted = join(directory, "trust", `kubernetes-${site.name}`, `kubernetes-administrator-${site.name}`);
    const administrator = {
      certificate: readFileSync(`${trusted}.crt`, "utf8"),
      privateKey: readFileSync(`${trusted}.key`, "utf8"),
    };
    const auditLog = join(directory, "log", "audit.log");
    return { directory, ports, authorities, administrator, declared, database, auditLog, file, log, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The lab's first site with one control-plane host, which is this machine. */
function onLoopback(): { readonly topology: Topology; readonly site: Site; readonly host: Host } {
  const topology = topologyOf(loadEnvironment("lab", { slot: 0 }));
  const [first] = topology.sites;
  if (!first) throw new Error("the lab has no site");
  const alone = (host: Host): Host => ({
    ...host,
    inService: host.inService && (host.role !== "control-plane" || host.shortName === "cp1"),
    addresses: host.shortName === "cp1" ? { ...host.addresses, management: "127.0.0.1" } : host.addresses,
  });
  const site = { ...first, zones: first.zones.map((zone) => ({ ...zone, hosts: zone.hosts.map(alone) })) };
  const host = site.zones.flatMap(({ hosts }) => hosts).find(({ shortName }) => shortName === "cp1");
  if (!host) throw new Error("the lab has no cp1");
  return { topology: { ...topology, sites: [site, ...topology.sites.slice(1)] }, site, host };
}

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
