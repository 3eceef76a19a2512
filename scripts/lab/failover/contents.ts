import { isIP } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import type { Host } from "../../../environments/model/topology.ts";
import { ApiClient } from "../../toolchain/plugins/kubernetes/client.ts";
import { readKubeconfig } from "../../toolchain/plugins/kubernetes/kubeconfig.ts";
import { listAt, textAt } from "../../toolchain/plugins/kubernetes/manifest.ts";
import type { Lab } from "../instance.ts";
import { runIn } from "../run-in.ts";
import { serviceName } from "./faults.ts";
import { type Contents, compareContents, differing, revisionGaps, type Written } from "./records.ts";

/** Where the drill's rows and objects are. */
export const drillSchema = "drill";
export const drillNamespace = "drill";

const socket = "/run/database/mysqld.sock";

/** Asks a database node as its own root does, by its socket; what was committed anywhere before is waited for. */
async function ask(lab: Lab, host: Host, sql: string): Promise<string[][]> {
  const words = [
    "mysql",
    "--no-defaults",
    "--protocol=socket",
    `--socket=${socket}`,
    "--user=root",
    "--batch",
    "--skip-column-names",
  ];
  const output = await runIn(
    lab,
    serviceName(lab, host, "database"),
    [...words, `--execute=SET SESSION wsrep_sync_wait = 1; ${sql}`],
    "0",
  );
  return output
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => line.split("\t"));
}

/** Rows on each database node: by the first of their columns, a sum over all of them. */
async function sumsOf(
  lab: Lab,
  nodes: readonly Host[],
  columns: readonly string[],
  rows: string,
): Promise<Record<string, Contents>> {
  const sql = `SELECT ${columns[0]}, CRC32(CONCAT_WS('/', ${columns.join(", ")})) FROM ${rows}`;
  const sums = async (node: Host): Promise<Contents> =>
    new Map((await ask(lab, node, sql)).map(([number, sum = ""]) => [Number(number), sum]));
  return Object.fromEntries(await Promise.all(nodes.map(async (node) => [node.name, await sums(node)])));
}

/** A client's rows by their numbers. The client's name is the drill's own and needs no escape. */
export const rowsOf = (lab: Lab, nodes: readonly Host[], client: string): Promise<Record<string, Contents>> =>
  sumsOf(lab, nodes, ["sequence", "id", "client", "at"], `${drillSchema}.entries WHERE client = '${client}'`);

/** A client's rows, once they have been compared. */
export const removeRows = async (lab: Lab, writer: Host, client: string): Promise<void> =>
  void (await ask(lab, writer, `DELETE FROM ${drillSchema}.entries WHERE client = '${client}'`));

/** kine keeps at least its last 1000 revisions: https://github.com/k3s-io/kine, `--compact-min-retain`. */
const keptRevisions = 1000;

export async function lastRevision(lab: Lab, node: Host): Promise<number> {
  const [row] = await ask(lab, node, "SELECT IFNULL(MAX(id), 0) FROM kubernetes.kine");
  return Number(row?.[0] ?? 0);
}

/** https://github.com/k3s-io/kine/blob/v0.16.4/pkg/drivers/mysql/mysql.go, `schema`. */
const kineColumns = ["id", "name", "created", "deleted", "create_revision", "prev_revision", "lease", "value", "old_value"];

/** kine's rows by their revisions, up to the last one that there is at first: it goes on writing. It compacts and fills in, too: look at a difference again. */
export async function revisionsOf(lab: Lab, nodes: readonly Host[]): Promise<Record<string, Contents>> {
  const last = Math.max(...(await Promise.all(nodes.map((node) => lastRevision(lab, node)))));
  return await sumsOf(lab, nodes, kineColumns, `kubernetes.kine WHERE id <= ${last}`);
}

/**
 * Holes and fill rows among kine's rows since a revision, as far back as none of them can have been compacted. A write that is under way
 * looks like a hole, so a hole is looked at twice.
 */
export async function settledGaps(lab: Lab, node: Host, revision: number): Promise<ReturnType<typeof revisionGaps>> {
  const after = Math.max(revision, (await lastRevision(lab, node)) - keptRevisions);
  const read = async () => {
    const rows = await ask(lab, node, `SELECT id, name LIKE 'gap-%' FROM kubernetes.kine WHERE id > ${after}`);
    return rows.map(([id, filled]) => ({ id: Number(id), filled: filled === "1" }));
  };
  const rows = await read();
  const gaps = revisionGaps(rows, after);
  if (gaps.holes === 0) return gaps;
  await pause(2000);
  const last = Math.max(...rows.map(({ id }) => id));
  return revisionGaps(
    (await read()).filter(({ id }) => id <= last),
    after,
  );
}

const objectsPath = `/api/v1/namespaces/${drillNamespace}/configmaps`;
const ownObjects = (client: string) => ({ labelSelector: `client=${client}` });

/** A client's objects by their numbers, as the API says. */
export async function objectsOf(kubeconfig: string, address: string, client: string): Promise<Contents> {
  const signal = AbortSignal.timeout(60_000);
  const { body } = await apiAt(kubeconfig, address).call(objectsPath, { query: ownObjects(client), signal });
  const names = listAt(body, "items").map((item) => textAt(item, "metadata", "name") ?? "");
  return new Map(names.map((name) => [Number(name.slice(client.length + 1)), ""]));
}

/**
 * The same, once none that was acknowledged is missing, or after some seconds. Each kine keeps the current revision in its memory, so another host's
 * API server may answer for a moment with an older one (kine 0.16.4, `SQLLog.CurrentRevision`). What is lost stays missing.
 */
export async function settledObjectsOf(
  kubeconfig: string,
  address: string,
  client: string,
  records: readonly Written[],
  seconds = 10,
): Promise<Contents> {
  const deadline = performance.now() + seconds * 1000;
  for (;;) {
    const found = await objectsOf(kubeconfig, address, client);
    if (compareContents(records, { api: found }).lost.length === 0 || performance.now() > deadline) return found;
    await pause(500);
  }
}

/** A client's objects, once they have been compared. The API server takes them one by one. */
export async function removeObjects(kubeconfig: string, address: string, client: string): Promise<void> {
  const call = { method: "DELETE", query: ownObjects(client), signal: AbortSignal.timeout(180_000) } as const;
  await apiAt(kubeconfig, address).call(objectsPath, call);
}

/** The API at its VIP: names come from nowhere in a lab. */
function apiAt(kubeconfig: string, address: string): ApiClient {
  const connection = readKubeconfig(kubeconfig);
  const { hostname } = connection.server;
  const server = new URL(connection.server);
  server.hostname = address;
  return new ApiClient({
    ...connection,
    server,
    tls: { ...connection.tls, ...(isIP(hostname) === 0 && { servername: hostname }) },
  });
}

/** Waits while the nodes come to agree: what one has committed the others apply a moment later. */
export async function whenEqual(
  read: () => Promise<Record<string, Contents>>,
  seconds: number,
): Promise<Record<string, Contents>> {
  const deadline = performance.now() + seconds * 1000;
  for (;;) {
    const found = await read();
    if (differing(found).length === 0 || performance.now() > deadline) return found;
    await pause(500);
  }
}
