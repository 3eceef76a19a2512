import assert from "node:assert/strict";
import type { Host } from "../../../environments/model/topology.ts";
import { withTemporaryDirectory } from "../../../scripts/console/temporary-directory.ts";
import { objectsOf, revisionsOf, rowsOf, settledObjectsOf, whenEqual } from "../../../scripts/lab/failover/contents.ts";
import type { Credentials } from "../../../scripts/lab/failover/credentials.ts";
import { serviceName } from "../../../scripts/lab/failover/faults.ts";
import { placeOf } from "../../../scripts/lab/failover/places.ts";
import { compareContents, differing, observedOutage } from "../../../scripts/lab/failover/records.ts";
import {
  type Clients,
  objectRecords,
  type Session,
  startClients,
  startWatch,
  waitWell,
} from "../../../scripts/lab/failover/session.ts";
import { labTopology } from "../../../scripts/lab/machines.ts";
import { runIn } from "../../../scripts/lab/run-in.ts";
import type { TrustOutputs } from "../../../stacks/upstream.ts";
import { until } from "../../support/until.ts";
import { hostNamed, hosts, lab, npmSucceeds } from "../session.ts";

// A site's core as the drill sees it: who writes, who holds the VIPs, and clients that write through them.

/** A stack's outputs, secret ones too. */
export const outputsOf = async <T>(stack: string): Promise<T> =>
  JSON.parse(await npmSucceeds("pulumi", "stack", "output", "--json", "--show-secrets", "--stack", stack)) as T;

async function credentialsOf(site: string): Promise<Credentials> {
  const { authorities, certificates, privateKeys } = await outputsOf<TrustOutputs>("lab-trust");
  const { kubeconfig } = await outputsOf<{ kubeconfig: string }>(`lab-${site}`);
  const name = `database-drill-${site}`;
  return {
    authority: (authorities.platform ?? []).map(({ certificate }) => certificate).join(""),
    certificate: certificates[name] ?? "",
    key: privateKeys[name] ?? "",
    kubeconfig,
  };
}

/** Runs work while a site's database is watched. */
export function withCore<T>(site: string, work: (core: Session) => Promise<T>): Promise<T> {
  return withTemporaryDirectory(async (directory) => {
    const topology = labTopology(lab);
    const place = placeOf(topology, site);
    const credentials = await credentialsOf(site);
    const watch = await startWatch(lab, place, directory);
    // A test's own bound ends it.
    const { signal } = new AbortController();
    try {
      return await work({ lab, topology, place, hosts, credentials, directory, watch, signal });
    } finally {
      await watch.end();
    }
  });
}

/** Waits until a site is well: all nodes healthy, one writer, each VIP held once, every API server ready. */
export async function wellAgain(core: Session, seconds = 120): Promise<void> {
  assert.deepEqual(await waitWell(core, seconds, () => {}), [], core.place.site.name);
}

export async function writerOf({ watch }: Session): Promise<Host> {
  await until("the database has one writer", () => watch.lines.at(-1)?.writers.length === 1, 30_000);
  return hostNamed(watch.lines.at(-1)?.writers[0] ?? "");
}

/** Asks a database node as its own root does. */
export const query = async (node: Host, sql: string): Promise<string> => {
  const login = ["mysql", "--no-defaults", "--protocol=socket", "--socket=/run/database/mysqld.sock", "--user=root"];
  const name = serviceName(lab, node, "database");
  return (await runIn(lab, name, [...login, "--batch", "--skip-column-names", `--execute=${sql}`], "0")).trim();
};

/** Runs work while rows and objects are written through the site's VIPs; all acknowledged ones must be there afterwards, on every node. */
export async function withClients(core: Session, purpose: string, work: (clients: Clients) => Promise<void>): Promise<void> {
  const name = `${purpose}-${process.pid}`;
  const clients = await startClients(core, name);
  const acknowledged = (): number[] =>
    [clients.rows.lines, objectRecords(clients)].map((lines) => lines.filter(({ outcome }) => outcome === "acknowledged").length);
  try {
    await until("both clients write", () => acknowledged().every((count) => count > 5), 60_000);
    await work(clients);
    const before = acknowledged();
    await until(
      "both clients write still",
      () => acknowledged().every((count, index) => count > (before[index] ?? 0) + 5),
      60_000,
    );
  } finally {
    await clients.end();
  }
  const { databases, apiVip, controlPlane } = core.place;
  const rows = compareContents(clients.rows.lines, await whenEqual(() => rowsOf(lab, databases, name), 20));
  const records = objectRecords(clients);
  const objects = await settledObjectsOf(core.credentials.kubeconfig, apiVip.address, name, records);
  const objectsCompared = compareContents(records, { api: objects });
  assert.deepEqual([rows.lost, rows.differing, rows.unexplained], [[], [], []], "rows: lost, differing, unexplained");
  const stored = await Promise.all(objectsCompared.lost.map((sequence) => storedOf(databases, `${name}-${sequence}`)));
  const listed =
    objectsCompared.lost.length === 0 ? [] : await Promise.all(controlPlane.map((host) => listedBy(core, host, name)));
  assert.deepEqual(
    [objectsCompared.lost, objectsCompared.unexplained, stored, listed],
    [[], [], [], []],
    "objects: lost, unexplained, kine's rows, how many each API server lists",
  );
  const revisions = await whenEqual(() => revisionsOf(lab, databases), 20);
  assert.deepEqual(differing(revisions), [], "kine's revisions that differ between nodes");
}

/** What kine keeps of an object, on each node: tells one that is lost from one that an API server does not see. */
const storedOf = (nodes: readonly Host[], object: string): Promise<string[]> =>
  Promise.all(
    nodes.map(async (node) => {
      const rows = await query(node, `SELECT id, created, deleted FROM kubernetes.kine WHERE name LIKE '%/${object}'`);
      return `${node.name}: ${object} ${rows || "nothing"}`;
    }),
  );

/** Tells an API server that never heard of an object from all of them. */
const listedBy = async ({ credentials }: Session, { name, addresses }: Host, client: string): Promise<string> =>
  `${name}: ${(await objectsOf(credentials.kubeconfig, addresses.management, client)).size}`;

/** The longest time without a success that a client saw from a moment on, in seconds. */
export const longestOutage = (records: Parameters<typeof observedOutage>[0], from: number): number =>
  observedOutage(records, from, records.at(-1)?.at ?? from)?.seconds ?? Number.POSITIVE_INFINITY;
