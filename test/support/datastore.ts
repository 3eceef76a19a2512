import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type * as pulumi from "@pulumi/pulumi";
import { type Connection, createConnection } from "mysql2/promise";
import { controlPlaneCluster, controlPlanePaths } from "../../components/control-plane/cluster.render.ts";
import { renderKineFlags } from "../../components/control-plane/kine.render.ts";
import { datastoreSchema } from "../../components/database/accounts.render.ts";
import { pemOf } from "../../components/trust/credentials.ts";
import { loadEnvironment } from "../../environments/model/load.ts";
import { controlPlanePorts } from "../../environments/model/ports.ts";
import { topologyOf } from "../../environments/model/topology-of.ts";
import { ensureKubernetesBinaries } from "../../scripts/toolchain/kubernetes-binaries.ts";
import { type EtcdClient, etcdClient } from "./etcd-client.ts";
import { type MariaDb, startMariaDb } from "./mariadb.ts";
import { freePort } from "./sshd.ts";
import { testCredentials } from "./test-credentials.ts";
import { until } from "./until.ts";

/** What control planes stand on: a real MariaDB, and as many real kines as a test starts, each as a host has it. */
export interface Datastore {
  readonly database: MariaDb;
  /** Runs a kine with one of its files replaced by another, or at another database than this one's. */
  runKine(replaced?: Readonly<Record<string, string>>, endpoint?: string): Promise<Kine>;
  /** Resolves when the kine serves. */
  startKine(): Promise<Kine>;
  /** A session of kine's account, beside kine's own. */
  login(): Promise<Connection>;
  stop(): Promise<void>;
}

export interface Kine {
  /** All that it says. */
  said(): string;
  ended(): boolean;
  readonly client: EtcdClient;
  stop(): Promise<void>;
}

const textOf = (output: pulumi.Output<string>): Promise<string> => new Promise((resolve) => output.apply(resolve));

export async function startDatastore(): Promise<Datastore> {
  const { kine } = await ensureKubernetesBinaries(["kine"], () => {});
  const directory = mkdtempSync(join(tmpdir(), "tandem-datastore-"));
  const topology = topologyOf(loadEnvironment("lab", { slot: 0 }));
  const [site] = topology.sites;
  if (!site) throw new Error("the lab has no site");
  const cluster = controlPlaneCluster(topology, site);
  mkdirSync(join(directory, "trust"));
  const credentials = testCredentials(topology, join(directory, "trust"));
  const issued = async (name: string): Promise<{ certificate: string; privateKey: string }> => {
    const { certificate, privateKey } = credentials.issued(name);
    return { certificate: await textOf(certificate), privateKey: await textOf(privateKey) };
  };
  const give = async (file: string, text: pulumi.Output<string>): Promise<void> =>
    writeFileSync(join(directory, file), await textOf(text));
  const authorities = await textOf(credentials.authorities("platform"));
  await give("authorities.pem", credentials.authorities("platform"));
  await give("strangers.pem", credentials.authorities(`kubernetes-${site.name}`));
  await give("datastore.pem", pemOf(credentials.issued("database-datastore-dc1-platform-cp1")));
  await give("monitoring.pem", pemOf(credentials.issued("database-monitoring-dc1")));
  await give("kine.pem", pemOf(credentials.issued("kine-dc1-platform-cp1")));
  const asServer = { ...(await issued("kine-client-dc1-platform-cp1")), authorities };
  const asKine = await issued("database-datastore-dc1-platform-cp1");
  const server = await textOf(pemOf(credentials.issued("database-dc1-platform-db1")));
  const remove = (): void => rmSync(directory, { recursive: true, force: true });
  const database = await startMariaDb(topology, site, { authorities, server }).catch((error: unknown) => {
    remove();
    throw error;
  });
  const running = new Set<Kine>();

  const runKine: Datastore["runKine"] = async (replaced = {}, endpoint) => {
    const [port, metrics] = [await freePort(), await freePort()];
    // With these it would speak TLS.
    const ofDatabase = endpoint === undefined ? [] : ["--ca-file", "--cert-file", "--key-file"];
    const declared = renderKineFlags(cluster).filter((flag) => !ofDatabase.some((name) => flag.startsWith(`${name}=`)));
    const flags = declared.map((flag) => {
      const [name = ""] = flag.split("=");
      if (name === "--endpoint" && endpoint !== undefined) return `${name}=${endpoint}`;
      const moved = flag
        .replace(`${cluster.datastoreAddress}:3306`, `127.0.0.1:${database.port}`)
        .replace(`:${controlPlanePorts.kine}`, `:${port}`)
        .replace(`:${controlPlanePorts.kineMetrics}`, `:${metrics}`)
        .replace(controlPlanePaths.directory, directory);
      return replaced[name] === undefined ? moved : `${name}=${join(directory, replaced[name])}`;
    });
    const child = spawn(kine, flags, { stdio: ["ignore", "pipe", "pipe"] });
    let said = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (part: Buffer) => {
        said += part.toString();
      });
    const client = etcdClient(`127.0.0.1:${port}`, asServer);
    const run: Kine = {
      ...{ said: () => said, ended: () => child.exitCode !== null, client },
      stop: async () => {
        client.close();
        running.delete(run);
        if (child.exitCode !== null || child.signalCode !== null) return;
        child.kill("SIGKILL");
        await once(child, "exit");
      },
    };
    running.add(run);
    return run;
  };

  return {
    database,
    runKine,
    startKine: async () => {
      const run = await runKine();
      await until("kine serves", () => run.said().includes("Kine available"));
      return run;
    },
    login: () => {
      const ssl = { ca: authorities, cert: asKine.certificate, key: asKine.privateKey, verifyIdentity: false };
      return createConnection({ host: "127.0.0.1", port: database.port, user: "datastore", database: datastoreSchema, ssl });
    },
    stop: async () => {
      for (const run of running) await run.stop();
      await database.stop();
      remove();
    },
  };
}
