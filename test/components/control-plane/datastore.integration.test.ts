import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type * as pulumi from "@pulumi/pulumi";
import {
  type ControlPlaneCluster,
  controlPlaneCluster,
  controlPlanePaths,
} from "../../../components/control-plane/cluster.render.ts";
import { renderKineFlags } from "../../../components/control-plane/kine.render.ts";
import { pemOf } from "../../../components/trust/credentials.ts";
import { loadEnvironment } from "../../../environments/model/load.ts";
import { controlPlanePorts } from "../../../environments/model/ports.ts";
import { topologyOf } from "../../../environments/model/topology-of.ts";
import { ensureKubernetesBinaries } from "../../../scripts/toolchain/kubernetes-binaries.ts";
import { type MariaDb, startMariaDb } from "../../support/mariadb.ts";
import { freePort } from "../../support/sshd.ts";
import { testCredentials } from "../../support/test-credentials.ts";
import { until } from "../../support/until.ts";

let database: MariaDb;
let directory: string;
let cluster: ControlPlaneCluster;
let kine: string;

const textOf = (output: pulumi.Output<string>): Promise<string> => new Promise((resolve) => output.apply(resolve));

before(async () => {
  ({ kine } = await ensureKubernetesBinaries(["kine"], () => {}));
  directory = mkdtempSync(join(tmpdir(), "tandem-datastore-"));
  const topology = topologyOf(loadEnvironment("lab", { slot: 0 }));
  const [site] = topology.sites;
  assert.ok(site);
  cluster = controlPlaneCluster(topology, site);
  mkdirSync(join(directory, "trust"));
  const credentials = testCredentials(topology, join(directory, "trust"));
  const give = async (file: string, text: pulumi.Output<string>): Promise<void> =>
    writeFileSync(join(directory, file), await textOf(text));
  await give("authorities.pem", credentials.authorities("platform"));
  await give("strangers.pem", credentials.authorities(`kubernetes-${site.name}`));
  await give("datastore.pem", pemOf(credentials.issued("database-datastore-dc1-platform-cp1")));
  await give("monitoring.pem", pemOf(credentials.issued("database-monitoring-dc1")));
  await give("kine.pem", pemOf(credentials.issued("kine-dc1-platform-cp1")));
  database = await startMariaDb(topology, site, {
    authorities: await textOf(credentials.authorities("platform")),
    server: await textOf(pemOf(credentials.issued("database-dc1-platform-db1"))),
  });
});
after(async () => {
  await database?.stop();
  if (directory) rmSync(directory, { recursive: true, force: true });
});

/** Runs kine as a host does, with one of its files replaced by another; all that it says. */
async function runKine(replaced: Readonly<Record<string, string>> = {}) {
  const [port, metrics] = [await freePort(), await freePort()];
  const flags = renderKineFlags(cluster).map((flag) => {
    const [name = ""] = flag.split("=");
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
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "exit");
  };
  return { said: () => said, ended: () => child.exitCode !== null, stop };
}

async function refusal(replaced: Readonly<Record<string, string>>): Promise<string> {
  const run = await runKine(replaced);
  try {
    await until("kine gives up", run.ended);
    return run.said();
  } finally {
    await run.stop();
  }
}

test("kine logs in with its certificate alone, to the account that the database made for it", async () => {
  const run = await runKine();
  try {
    await until("kine serves", () => run.said().includes("Kine available"));
  } finally {
    await run.stop();
  }
  const other = { "--cert-file": "monitoring.pem", "--key-file": "monitoring.pem" };
  assert.match(await refusal(other), /Access denied for user 'datastore'/);
});

test("kine takes no database that its platform's authority does not vouch for", async () => {
  assert.match(await refusal({ "--ca-file": "strangers.pem" }), /certificate signed by unknown authority/);
});

test("kine gives a question up that a database which hangs does not answer, and lives on", async () => {
  const run = await runKine();
  try {
    await until("kine serves", () => run.said().includes("Kine available"));
    database.hang(true);
    await until("kine gives up a question", () => /i\/o timeout/.test(run.said()), 15_000);
    database.hang(false);
    assert.equal(run.ended(), false);
  } finally {
    database.hang(false);
    await run.stop();
  }
});
