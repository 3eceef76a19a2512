import assert from "node:assert/strict";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { lastRevision, settledGaps } from "../../../scripts/lab/failover/contents.ts";
import type { SeenDatabase } from "../../../scripts/lab/failover/database-watch.ts";
import { writerChanges } from "../../../scripts/lab/failover/records.ts";
import type { Session } from "../../../scripts/lab/failover/session.ts";
import { docker, lab } from "../session.ts";
import { wellAgain, withClients, writerOf } from "./session.ts";

interface Death {
  readonly host: string;
  readonly service: string;
  /** The last look at the database before it. */
  readonly look: SeenDatabase | undefined;
}

/** The services of a site that end from now on. */
async function deathsOf({ place, watch }: Session): Promise<{ readonly seen: readonly Death[]; readonly end: () => void }> {
  const filters = { type: ["container"], event: ["die"], label: [`tandem.lab=${lab.id}`] };
  const stream = (await docker.getEvents({ filters: JSON.stringify(filters) })) as Readable;
  const seen: Death[] = [];
  stream.on("error", () => {});
  createInterface({ input: stream }).on("line", (line) => {
    const { Actor } = JSON.parse(line) as { Actor: { Attributes: Readonly<Record<string, string>> } };
    const { "tandem.host": host = "", "tandem.service": service = "" } = Actor.Attributes;
    if (host.startsWith(`${place.site.name}-`) && service !== "") seen.push({ host, service, look: watch.lines.at(-1) });
  });
  return { seen, end: () => stream.destroy() };
}

/** Nodes whose server is stopped or not back yet. One that gives its data to another runs, and so does one that a busy machine keeps from answering. */
const away = (unwell: SeenDatabase["unwell"]): string[] =>
  Object.entries(unwell).flatMap(([node, says]) => (/^503 (gives its data|no word|not )/.test(says) ? [] : [node]));

/**
 * Runs a change of all database nodes and API servers while clients write. Each node is stopped once, in the order of their names, when all others
 * are well and it is not the writer; no acknowledged write is lost, and kine's revisions have no holes.
 */
export async function oneAtATime(core: Session, name: string, change: () => Promise<void>): Promise<void> {
  await wellAgain(core);
  const { databases, controlPlane } = core.place;
  const revision = await lastRevision(lab, await writerOf(core));
  const looks = core.watch.lines.length;
  const deaths = await deathsOf(core);
  try {
    await withClients(core, name, async () => {
      await change();
      await wellAgain(core);
    });
  } finally {
    deaths.end();
  }
  const hostsOf = (service: string): string[] => deaths.seen.filter((death) => death.service === service).map(({ host }) => host);
  assert.deepEqual(
    hostsOf("database"),
    databases.map((host) => host.name),
  );
  assert.deepEqual(
    hostsOf("kube-apiserver"),
    controlPlane.map((host) => host.name),
  );
  for (const { host, look } of deaths.seen.filter(({ service }) => service === "database")) {
    assert.ok(look && !look.writers.includes(host), `${host} was the writer when it was stopped`);
    assert.deepEqual(
      away(look.unwell).filter((node) => node !== host),
      [],
      `not well when ${host} was stopped`,
    );
  }
  const during = core.watch.lines.slice(looks);
  assert.deepEqual(
    during.filter(({ writers, unwell }) => writers.length > 1 || away(unwell).length > 1),
    [],
  );
  const changes = writerChanges(during.map(({ writers }) => writers));
  assert.ok(changes >= 1 && changes <= databases.length, `the writer changed ${changes} times`);
  // kine fills a number in where two API servers wrote one object at once, as their own endpoints when they start: that is no hole.
  assert.equal((await settledGaps(lab, await writerOf(core), revision)).holes, 0);
}
