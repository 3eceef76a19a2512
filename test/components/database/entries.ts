import assert from "node:assert/strict";
import { clusterDomain, ownDomain } from "../../../components/database/my-cnf.render.ts";
import type { Host } from "../../../environments/model/topology.ts";
import { execIn } from "../../../scripts/docker/exec.ts";
import { until } from "../../support/until.ts";
import * as it from "./nodes.ts";
import { nodes } from "./session.ts";

// What a client wrote, as the client itself knows it.

/** Numbers of the rows whose commit the client was told of. */
const acknowledged: number[] = [];
/** The first and the last number that each writer was told. */
const written: { first: number; last: number }[] = [];
/** When it was told of each, in milliseconds since 1970. */
const told = new Map<number, number>();

export const acknowledgedBefore = (time: number): number[] => acknowledged.filter((number) => (told.get(number) ?? 0) < time);

const numbers = async (host: Host): Promise<number[]> =>
  (await it.sql(nodes, host, "SELECT id FROM test.entries ORDER BY id")).split("\n").map(Number);

/** What a node's binary log ends with, but for what the node wrote alone. */
const historyOf = async (host: Host): Promise<string[]> =>
  (await it.sql(nodes, host, "SELECT @@gtid_binlog_pos"))
    .split(",")
    .filter((gtid) => Number(gtid.split("-")[0]) !== ownDomain(nodes.cluster, host));

/** All nodes hold the same rows, and all that were acknowledged; what they replicated has one number on all of them. */
export async function assertComplete(): Promise<void> {
  await until(
    "the nodes' binary logs end with one GTID of the cluster",
    async () => {
      const [[end = "", ...more] = [], ...others] = await Promise.all(nodes.cluster.members.map(historyOf));
      return end.startsWith(`${clusterDomain}-`) && more.length === 0 && others.every((other) => other.join() === end);
    },
    20_000,
  );
  const all = await Promise.all(nodes.cluster.members.map(numbers));
  const [first = []] = all;
  for (const [index, rows] of all.entries()) assert.deepEqual(rows, first, nodes.cluster.members[index]?.name);
  const kept = new Set(first);
  assert.deepEqual(
    acknowledged.filter((number) => !kept.has(number)),
    [],
  );
}

/**
 * The numbers that no row has: none between two that one writer was told, and at most one from a writer to the next. A server that dies keeps the
 * number of the row that it was writing; so does a node that was killed while it applied that row, and the next writer may be this one.
 */
export async function assertNoHoles(at: Host): Promise<void> {
  const kept = new Set(await numbers(at));
  const holesBetween = (first: number, end: number): number[] =>
    Array.from({ length: end - first }, (_, index) => first + index).filter((number) => !kept.has(number));
  for (const [index, { first, last }] of written.entries()) {
    assert.deepEqual(holesBetween(first, last), [], `writer ${index + 1}`);
    const left = holesBetween((written[index - 1]?.last ?? 0) + 1, first);
    assert.ok(left.length <= 1, `before writer ${index + 1}: ${left.join(", ")}`);
  }
}

/** The table of what clients write. */
export const makeEntries = (at: Host): Promise<string> =>
  it.sql(nodes, at, "CREATE DATABASE test; CREATE TABLE test.entries (id BIGINT AUTO_INCREMENT PRIMARY KEY, note TEXT)");

const ignore = (): void => {};

/** A client that writes rows one after the other, until its server dies; each number that it is told goes to `acknowledged`. */
export function write(host: Host): { ended: Promise<void> } {
  // When the server began with it.
  const rows = "INSERT INTO test.entries (note) VALUES (NOW(6)); SELECT LAST_INSERT_ID();";
  const command = `seq 1 1000000 | sed "s/.*/${rows}/" | ${it.client.join(" ")} --unbuffered`;
  const own = { first: 0, last: 0 };
  // A server that is killed takes the session along.
  const ended = execIn(it.containerOf(nodes, host), ["sh", "-c", command], {
    user: "root",
    onLine: (line) => {
      const number = Number(line);
      acknowledged.push(number);
      told.set(number, Date.now());
      own.last = number;
      if (own.first === 0) written.push(Object.assign(own, { first: number }));
    },
  });
  return { ended: ended.then(ignore, ignore) };
}

export async function untilWritten(more: number): Promise<void> {
  const goal = acknowledged.length + more;
  await until(`${more} more rows are acknowledged`, () => acknowledged.length >= goal, 30_000);
}
