import assert from "node:assert/strict";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { lastRevision, settledGaps } from "../../../scripts/lab/failover/contents.ts";
import type { SeenDatabase } from "../../../scripts/lab/failover/database-watch.ts";
import { now, writerChanges } from "../../../scripts/lab/failover/records.ts";
import type { Session } from "../../../scripts/lab/failover/session.ts";
import { docker, lab } from "../session.ts";
import { wellAgain, withClients, writerOf } from "./session.ts";

interface Stop {
  readonly host: string;
  readonly service: string;
  /** When it was asked to end, and when it had. */
  readonly from: number;
  readonly to: number;
}

/** The services of a site that are stopped from now on. */
async function stopsOf({ place }: Session): Promise<{ readonly seen: readonly Stop[]; readonly end: () => void }> {
  const filters = { type: ["container"], event: ["kill", "die"], label: [`tandem.lab=${lab.id}`] };
  const stream = (await docker.getEvents({ filters: JSON.stringify(filters) })) as Readable;
  const seen: Stop[] = [];
  const asked = new Map<string, number>();
  stream.on("error", () => {});
  createInterface({ input: stream }).on("line", (line) => {
    const { Action, Actor } = JSON.parse(line) as { Action: string; Actor: { Attributes: Readonly<Record<string, string>> } };
    const { "tandem.host": host = "", "tandem.service": service = "" } = Actor.Attributes;
    if (!host.startsWith(`${place.site.name}-`) || service === "") return;
    const what = `${service} ${host}`;
    if (Action === "kill") asked.set(what, asked.get(what) ?? now());
    else seen.push({ host, service, from: asked.get(what) ?? now(), to: now() });
  });
  return { seen, end: () => stream.destroy() };
}

/**
 * Nodes whose server is stopped, not back yet, or without its cluster. One that gives its data to another or to a backup runs, also while it catches
 * up after that; and so does one that a busy machine keeps from answering.
 */
const away = (unwell: SeenDatabase["unwell"]): [node: string, says: string][] =>
  Object.entries(unwell).filter(([, says]) => !/^503 (gives its data|no word|not synced)/.test(says));

/** In milliseconds: from the first to the last look of those, one after the other, that saw two writers. */
function longestOfTwo(looks: readonly Pick<SeenDatabase, "at" | "writers">[]): number {
  let longest = 0;
  let first: number | undefined;
  for (const { at, writers } of looks) {
    first = writers.length > 1 ? (first ?? at) : undefined;
    if (first !== undefined) longest = Math.max(longest, at - first);
  }
  return longest;
}

/**
 * Runs a change of all database nodes and API servers while clients write. Each node is stopped once, in the order of their names, when all others
 * are well and it is not the writer; no acknowledged write is lost, and kine's revisions have no holes.
 */
export async function oneAtATime(core: Session, name: string, change: () => Promise<void>): Promise<void> {
  await wellAgain(core);
  const { databases, controlPlane } = core.place;
  const revision = await lastRevision(lab, await writerOf(core));
  const looks = core.watch.lines.length;
  const stops = await stopsOf(core);
  try {
    await withClients(core, name, async () => {
      await change();
      await wellAgain(core);
    });
  } finally {
    stops.end();
  }
  const hostsOf = (service: string): string[] => stops.seen.filter((stop) => stop.service === service).map(({ host }) => host);
  assert.deepEqual(
    hostsOf("database"),
    databases.map((host) => host.name),
  );
  assert.deepEqual(
    hostsOf("kube-apiserver"),
    controlPlane.map((host) => host.name),
  );
  const during = core.watch.lines.slice(looks);
  let asked = 0;
  for (const { host, from, to } of stops.seen.filter(({ service }) => service === "database")) {
    const meanwhile = during.filter(({ unwellAt }) => unwellAt >= from && unwellAt <= to);
    asked += meanwhile.length;
    const others = meanwhile.flatMap(({ unwell }) => away(unwell).filter(([node]) => node !== host));
    assert.deepEqual(others, [], `not well while ${host} was stopped`);
    const last = during.findLast(({ at }) => at <= to);
    assert.ok(last && !last.writers.includes(host), `${host} was the writer when it ended`);
  }
  assert.ok(asked > 0, "no node was asked while another one was stopped");
  assert.deepEqual(
    during.filter(({ unwell }) => away(unwell).length > 1),
    [],
  );
  // One that a busy machine keeps from its peers calls itself the writer until its word is too old to count; what it is told then is not acknowledged.
  const { galeraSuspectSeconds } = core.topology.timings;
  assert.ok(
    longestOfTwo(during) <= galeraSuspectSeconds * 1000,
    `two writers for longer than a node's word counts:\n${during.map((line) => JSON.stringify(line)).join("\n")}`,
  );
  const changes = writerChanges(during.map(({ writers }) => writers));
  // One for each node, and one more was seen once: two cores for all machines may keep a writer from its peers. More says that the role goes to and fro.
  assert.ok(
    changes >= 1 && changes <= databases.length + 1,
    `the writer changed ${changes} times:\n${during.map((line) => JSON.stringify(line)).join("\n")}`,
  );
  // kine fills a number in where two API servers wrote one object at once, as their own endpoints when they start: that is no hole.
  assert.equal((await settledGaps(lab, await writerOf(core), revision)).holes, 0);
}
