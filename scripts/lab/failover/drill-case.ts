import { setTimeout as pause } from "node:timers/promises";
import { outageClients, outageOf, outageSeconds } from "../../../environments/model/outages.ts";
import { UserError } from "../../console/errors.ts";
import { log } from "../../console/log.ts";
import type { Report } from "../../console/steps.ts";
import { findHost } from "../machines.ts";
import { waitFor } from "../wait.ts";
import { describe, type Ledger } from "./actions.ts";
import type { Case, Parts } from "./cases.ts";
import {
  lastRevision,
  removeObjects,
  removeRows,
  revisionsOf,
  rowsOf,
  settledGaps,
  settledObjectsOf,
  whenEqual,
} from "./contents.ts";
import { faultsOf } from "./open-faults.ts";
import { holdersOf, partsOf } from "./places.ts";
import { type Contents, compareContents, differing, now, observedOutage, type Written, writerChanges } from "./records.ts";
import type { ClientResult, Run } from "./results.ts";
import { type Clients, leaseRecords, objectRecords, type Session, startClients, streamRecords, waitWell } from "./session.ts";

const beforeSeconds = 180;
const healSeconds = 240;
const firstWriteSeconds = 30;
/** What is usual for a client is learnt in this time. */
const calmSeconds = 6;
/** The clients go on after the repair: what comes back must not disturb them either. */
const afterSeconds = 3;

/** Seconds that a failure lasts before it is repaired: longer than it may be felt. */
function failureSeconds(session: Session, { failure }: Case): number {
  const outage = failure && outageOf(failure, session.topology.timings);
  const longest = outage ? Math.max(0, ...outageClients.map((client) => outageSeconds(outage, client))) : 3;
  return Math.max(8, 1.5 * longest + 3);
}

/** Breaks one thing while clients write, repairs it, and says what the clients saw. Whatever happens, what was broken is repaired. */
export async function drillCase(session: Session, one: Case, name: string, report: Report): Promise<Run> {
  const { lab, hosts, signal } = session;
  const broken = faultsOf(lab, hosts);
  const left = await broken.undoAll();
  if (left.length > 0) throw new UserError(`${one.name}: what an earlier drill broke can't be repaired:\n${left.join("\n")}`);
  await wellBefore(session, one, report);
  try {
    await prepare(session, one, broken, report);
    return await drillPrepared(session, one, name, broken, report);
  } finally {
    for (const problem of await broken.undoAll()) process.stderr.write(`not repaired: ${problem}\n`);
    if (one.prepare && !signal.aborted) await waitWell(session, healSeconds, report);
  }
}

async function wellBefore(session: Session, { name }: Case, report: Report): Promise<void> {
  const problems = await waitWell(session, beforeSeconds, report);
  if (problems.length > 0) throw new UserError(`${name}: the site is not well before it begins:\n${problems.join("\n")}`);
}

/** Who plays which part now; the controllers' leader is known once somebody watches their lease. */
async function partsNow({ lab, place, watch }: Session, leader: string): Promise<Parts> {
  const { balancers, databaseVip, crossing } = place;
  const holders = await holdersOf(lab, balancers, databaseVip.address);
  const gateways = await holdersOf(lab, crossing.gateways, crossing.address);
  return partsOf(place, { writers: watch.lines.at(-1)?.writers ?? [], holders, gateways, leader });
}

async function prepare(session: Session, one: Case, broken: Ledger, report: Report): Promise<void> {
  if (!one.prepare) return;
  for (const stage of one.prepare(await partsNow(session, ""))) {
    report(`making ready: ${stage.map(describe).join(", ")}`);
    for (const action of stage) await broken.act(action);
    await wellBefore(session, one, report);
  }
}

async function drillPrepared(session: Session, one: Case, name: string, broken: Ledger, report: Report): Promise<Run> {
  const { lab, hosts, watch, signal } = session;
  const clients = await startClients(session, name, hasStreams(session, one));
  try {
    report("the clients learn what is usual");
    const writing = (): boolean =>
      [clients.rows.lines, objectRecords(clients), ...streamsOf(session, one, clients).map(({ records }) => records)].every(
        (lines) => lines.some(({ outcome }) => outcome === "acknowledged"),
      );
    if (!(await waitFor(() => signal.aborted || writing(), firstWriteSeconds))) throw new UserError(noWrites(one, clients));
    await pause(calmSeconds * 1000, undefined, { signal });

    const parts = await partsNow(session, leaseRecords(clients).at(-1)?.leader ?? "");
    const actions = one.actions(parts);
    if (actions.length === 0) throw new UserError(`${one.name}: this site has no host that it could be done to`);
    const writer = findHost(hosts, parts.writer);
    const revision = await lastRevision(lab, writer);
    const from = now();
    const prepared = broken.size();
    report(actions.map(describe).join(", "));
    const done = await Promise.allSettled(actions.map(broken.act));
    const failed = done.find(({ status }) => status === "rejected");
    if (failed?.status === "rejected") throw failed.reason;
    await pause(failureSeconds(session, one) * 1000, undefined, { signal });

    report("repairing");
    const repaired = now();
    const unrepaired = await broken.undoAll(prepared);
    const remains = [...unrepaired, ...(await waitWell(session, healSeconds, report))];
    const healedSeconds = remains.length === 0 ? (now() - repaired) / 1000 : undefined;
    await pause(afterSeconds * 1000, undefined, { signal });
    const to = now();
    await clients.end();

    report("comparing contents");
    // Before the objects are taken away: that makes revisions, too.
    const revisions = await orUndefined(() =>
      settledGaps(lab, findHost(hosts, watch.lines.at(-1)?.writers[0] ?? parts.writer), revision),
    );
    const seen = watch.lines.filter(({ at }) => at >= from).map(({ writers }) => writers);
    return {
      clients: await compare(session, one, clients, { from, to }),
      writerChanges: writerChanges([[parts.writer], ...seen]),
      twoWriters: seen.filter((writers) => writers.length > 1).length,
      revisions,
      healedSeconds,
      remains,
    };
  } finally {
    await clients.end();
  }
}

const hasStreams = ({ topology }: Session, { failure }: Case): boolean =>
  failure !== undefined && outageOf(failure, topology.timings).streams !== undefined;

/** What the clients of gateways saw, where the case is about those. */
const streamsOf = (session: Session, one: Case, clients: Clients) =>
  hasStreams(session, one)
    ? (["crossings", "streams"] as const).map((client) => ({ client, records: streamRecords(clients, client) }))
    : [];

async function compare(
  session: Session,
  one: Case,
  clients: Clients,
  span: { readonly from: number; readonly to: number },
): Promise<Run["clients"]> {
  const { lab, place, credentials, hosts, watch } = session;
  const { failure } = one;
  const { name } = clients;
  const objects = objectRecords(clients);
  const rows = await orUndefined(async () => {
    const found = await whenEqual(() => rowsOf(lab, place.databases, name), 10);
    return resultOf(clients.rows.lines, found, span);
  });
  // What is lost stays where it can be looked at.
  const [writer] = watch.lines.at(-1)?.writers ?? [];
  if (rows?.lost === 0 && rows.differing === 0 && writer) await orUndefined(() => removeRows(lab, findHost(hosts, writer), name));
  const [kubeconfig, address] = [credentials.kubeconfig, place.apiVip.address];
  const made = await orUndefined(async () => {
    const found = await settledObjectsOf(kubeconfig, address, name, objects);
    const revisions = differing(await whenEqual(() => revisionsOf(lab, place.databases), 20));
    log(`kine's revisions that differ between database nodes: ${JSON.stringify(revisions)}`);
    return { ...resultOf(objects, { api: found }, span), differing: revisions.length };
  });
  if (made?.lost === 0 && made.differing === 0) await orUndefined(() => removeObjects(kubeconfig, address, name));
  return {
    rows: rows ?? resultOf(clients.rows.lines, undefined, span),
    objects: made ?? resultOf(objects, undefined, span),
    // Elsewhere the wait between two renewals of their lease would be taken for an outage.
    ...(failure &&
      outageOf(failure, session.topology.timings).controllers && {
        controllers: resultOf(leaseRecords(clients), undefined, span),
      }),
    ...Object.fromEntries(
      streamsOf(session, one, clients).map(({ client, records }) => [client, resultOf(records, undefined, span)]),
    ),
  };
}

function resultOf(
  records: readonly Written[],
  contents: Readonly<Record<string, Contents>> | undefined,
  { from, to }: { readonly from: number; readonly to: number },
): ClientResult {
  const compared = contents && compareContents(records, contents);
  const count = (outcome: Written["outcome"]): number => records.filter((record) => record.outcome === outcome).length;
  const outage = observedOutage(records, from, to);
  const whys = [...new Set(records.flatMap(({ why }) => why ?? []))];
  log(`outage ${JSON.stringify(outage)}; lost ${JSON.stringify(compared?.lost)}; the client was told: ${whys.join(" | ")}`);
  return {
    observed: outage?.seconds,
    acknowledged: count("acknowledged"),
    unknown: count("unknown"),
    failed: records.filter(({ outcome, at }) => outcome === "failed" && at >= from && at <= to).length,
    lost: compared?.lost.length,
    differing: compared?.differing.length ?? 0,
    unexplained: compared?.unexplained.length ?? 0,
  };
}

/** A look that fails after a case is a result of the case and not the end of the drill. */
async function orUndefined<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    log((error as Error).message);
    return undefined;
  }
}

function noWrites(one: Case, clients: Clients): string {
  const told = (lines: readonly Written[]): string =>
    lines.at(-1)?.why ?? (lines.some(({ outcome }) => outcome === "acknowledged") ? "it writes" : "nothing");
  return (
    `${one.name}: within ${firstWriteSeconds} s not every client could write; nothing was broken.\n` +
    `rows, through the database's VIP: ${told(clients.rows.lines)}\nobjects, through the API's VIP: ${told(objectRecords(clients))}` +
    (clients.streams ? `\nnew connections from zone to zone: ${told(streamRecords(clients, "crossings"))}` : "")
  );
}
