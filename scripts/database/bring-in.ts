import { PassThrough } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { controlPlanePaths } from "../../components/control-plane/cluster.render.ts";
import { datastoreSchema } from "../../components/database/accounts.render.ts";
import { databasePaths, noPosition } from "../../components/database/cluster.render.ts";
import {
  emptyStaging,
  replacedTable,
  stagedContents,
  stagingSchema,
  switchTables,
} from "../../components/database/restored-datastore.render.ts";
import { datastoreTable } from "../../components/database/turns.render.ts";
import { controlPlanePorts } from "../../environments/model/ports.ts";
import type { Host } from "../../environments/model/topology.ts";
import { UserError } from "../console/errors.ts";
import { serviceOn } from "../deploy/place.ts";
import { execIn } from "../docker/exec.ts";
import { type Place, rootClient, runAnywhere, runAsRoot, runSql, writeBeginning } from "./reach.ts";
import { type Node, type Restored, readPages, stampOf } from "./read.ts";

/** What is brought in, and into what. */
export interface Restoration {
  readonly place: Place;
  /** On whose scratch server it lies. */
  readonly host: Host;
  readonly restored: Restored;
  readonly entrance: "serving" | "empty";
}

type Say = (line: string) => void;

const table = `${datastoreSchema}.${datastoreTable}`;

/** In the order in which they start; each speaks to those before it. */
const servicesInOrder = ["kine", "kube-apiserver", "kube-controller-manager", "kube-scheduler"] as const;

/** How long API servers that start may take until they are ready. */
const readySeconds = 180;

/** How long nodes that begin with nothing may take until all of them serve. */
const beginSeconds = 600;

/**
 * Puts what the Kubernetes API knew at another time in the place of what it knows: kine's table is filled beside the one in use and takes its
 * place while the control plane stands still. Returns what the replaced table is called; undefined where there was none.
 */
export async function bringIn(restoration: Restoration, say: Say, signal: AbortSignal): Promise<string | undefined> {
  const { place, entrance } = restoration;
  const stamp = stampOf(Date.now());
  // One that can't be reached can't be stopped.
  await onAll(place, (host) => serviceOn(place, host, "kine").inspect());
  if (entrance === "empty") {
    // An API on an empty database would tell every node that it has no pods.
    await stopControlPlane(place, say);
    await beginEmpty(place, say);
  }
  const writer = await writerOf(place);
  const isThere = await fill(restoration, writer, say);
  signal.throwIfAborted();
  try {
    await stopControlPlane(place, say);
    say(`switches to the restored ${table}`);
    await runSql(place, writer, ...switchTables(stamp, isThere));
  } catch (error) {
    // The tables change places in one statement: what is there is whole.
    if (isThere)
      await startControlPlane(place, say).catch((also: Error) => {
        throw new UserError(`${(error as Error).message}; and then: ${also.message}`);
      });
    throw error;
  }
  await startControlPlane(place, say);
  return isThere ? `${datastoreSchema}.${replacedTable(stamp)}` : undefined;
}

/** Fills a table beside kine's on the writer; whether kine has one. */
async function fill({ place, host, restored }: Restoration, writer: Host, say: Say): Promise<boolean> {
  const rows = restored.rows[table] ?? 0;
  await runSql(place, writer, ...emptyStaging);
  const counted = async (): Promise<number> =>
    Number(await runSql(place, writer, `SELECT COUNT(*) FROM ${stagingSchema}.${datastoreTable}`));
  const done = new AbortController();
  const progress = tellEvery(5, done.signal, async () =>
    say(`${await counted()} of ${rows} rows of ${table} are in the cluster`),
  );
  try {
    await copy({ place, host, restored }, writer, say);
  } finally {
    done.abort();
    await progress;
  }
  const [found, compactions, isThere] = (await runSql(place, writer, stagedContents)).split("\t").map(Number);
  if (found !== rows || compactions !== 1)
    throw new UserError(
      `${writer.name}: ${found} rows came in, of them ${compactions} that say what kine compacted; expected were ${rows} and 1. ${table} was not touched; run again`,
    );
  say(`${rows} rows of ${table} are in the cluster, beside those in use`);
  return isThere === 1;
}

/** From the scratch server into the cluster, through this machine. */
async function copy({ place, host, restored }: Omit<Restoration, "entrance">, writer: Host, say: Say): Promise<void> {
  const statements = new PassThrough();
  const dump = ["bash", databasePaths.restore, "dump", restored.full, restored.to];
  const [dumped, loaded] = await Promise.all([
    execIn(serviceOn(place, host, "database-backup"), dump, { output: statements, onErrorLine: say }),
    execIn(serviceOn(place, writer, "database"), [...rootClient, stagingSchema], { user: "0", input: statements }),
  ]);
  for (const [from, { code, stderr }] of [
    [writer, loaded],
    [host, dumped],
  ] as const)
    if (code !== 0)
      throw new UserError(`${from.name}: ${stderr.trim() || `ended with code ${code}`}. ${table} was not touched; run again`);
}

/** Tells how far something is while it goes on; what can't be told now is told next time. */
async function tellEvery(seconds: number, ended: AbortSignal, tell: () => Promise<void>): Promise<void> {
  for (;;) {
    await delay(seconds * 1000, undefined, { signal: ended }).catch(() => {});
    if (ended.aborted) return;
    await tell().catch(() => {});
  }
}

async function stopControlPlane(place: Place, say: Say): Promise<void> {
  say(`stops the control plane on ${place.controlPlane.map(({ name }) => name).join(", ")}`);
  await onAll(place, async (host) => {
    // One that stands still already is answered by 304.
    for (const service of servicesInOrder.toReversed()) await serviceOn(place, host, service).stop().catch(allowed(304));
  });
}

async function startControlPlane(place: Place, say: Say): Promise<void> {
  say("starts the control plane");
  const ready = (address: string): string =>
    `curl --silent --show-error --fail --cacert ${controlPlanePaths.authorities} --max-time 5 --retry ${readySeconds} --retry-delay 1 --retry-max-time ${readySeconds} --retry-all-errors https://${address}:${controlPlanePorts.api}/readyz\n`;
  await onAll(place, async (host) => {
    for (const service of servicesInOrder) await serviceOn(place, host, service).start().catch(allowed(304));
    await runAsRoot(place, host, ready(host.addresses.management));
  }).catch((error: Error) => {
    throw new UserError(`not every API server is ready on the data that there now are: ${error.message}`);
  });
  say("every API server is ready");
}

/** Does work on all control-plane hosts, to its end on each; then tells what failed. */
async function onAll({ controlPlane }: Place, work: (host: Host) => Promise<unknown>): Promise<void> {
  const results = await Promise.allSettled(controlPlane.map(work));
  const problems = results.flatMap((result, index) =>
    result.status === "rejected" ? [`${controlPlane[index]?.name}: ${(result.reason as Error).message}`] : [],
  );
  if (problems.length > 0) throw new UserError(problems.join("; "));
}

const allowed = (code: number) => (error: { readonly statusCode?: number }) => {
  if (error.statusCode !== code) throw error;
};

/** Lets nodes that have all lost their data begin with nothing. */
async function beginEmpty(place: Place, say: Say): Promise<void> {
  const [first] = place.members;
  if (!first) return;
  say(`${first.name}: begins a cluster without data; the others join it`);
  await writeBeginning(place, first, noPosition);
  let nodes: Node[] = [];
  for (let waited = 0; !nodes.length || nodes.some(({ healthy }) => !healthy); waited++) {
    if (waited > beginSeconds)
      throw new UserError(
        `the cluster does not serve after ${beginSeconds} s: ${nodes.map(({ host, said }) => `${host}: ${said}`).join("; ")}. The control plane stands still; run again`,
      );
    await delay(1000);
    nodes = readPages(await runAnywhere(place, "pages"));
  }
  // Were all nodes to lose their data again, none may begin with nothing.
  await runAsRoot(place, first, `rm -f ${databasePaths.beginning}\n`);
}

async function writerOf(place: Place): Promise<Host> {
  const nodes = readPages(await runAnywhere(place, "pages"));
  const writer = nodes.find((node) => node.writer)?.host;
  const host = place.members.find(({ name }) => name === writer);
  if (!host)
    throw new UserError(
      `no node is the writer: ${nodes.map(({ host: name, said }) => `${name}: ${said}`).join("; ")}. Nothing was changed`,
    );
  return host;
}
