import assert from "node:assert/strict";
import { test } from "node:test";
import { waitsToBeFilled } from "../../../components/database/cluster.render.ts";
import { backupNode, beginningOn, entranceOf, restoreTime } from "../../../scripts/database/plan.ts";
import type { Node } from "../../../scripts/database/read.ts";

const now = Date.parse("2026-11-21T18:00:00Z");
const history = "2f3c7f6e-c6ef-11f0-9c1e-5a5b0b9f7b11";
const waits = (host: string, seqno?: number, of = history): Node => ({
  ...{
    host,
    healthy: false,
    writer: false,
    said: seqno === undefined ? "its health page does not answer" : "waits for its peers",
  },
  ...(seqno !== undefined && { position: `${of}:${seqno}` }),
});
const serves = (host: string, writer = false): Node => ({ host, healthy: true, writer, said: "healthy" });

test("a time is RFC 3339 with whole seconds, and not one that lies ahead", () => {
  assert.equal(restoreTime("2026-11-21T17:59:59Z", now), "20261121T175959Z");
  assert.equal(restoreTime("2026-11-22T01:30:00+08:00", now), "20261121T173000Z");
  assert.equal(restoreTime("latest", now), "end");
  for (const to of ["yesterday", "2026-11-21", "2026-11-21T17:59:59", "2026-11-21T17:59:59.5Z", "2026-13-01T00:00:00Z"])
    assert.throws(() => restoreTime(to, now), { message: new RegExp(`^--to "${to}": not a time; allowed is RFC 3339`) });
  assert.throws(() => restoreTime("2026-11-21T18:00:01Z", now), {
    message: "--to 2026-11-21T18:00:01Z: lies ahead; allowed is until 2026-11-21T18:00:00Z",
  });
});

test("a backup burdens the writer only when nobody else is healthy", () => {
  assert.equal(backupNode([serves("db1", true), waits("db2"), serves("db3")]), "db3");
  assert.equal(backupNode([serves("db1", true), waits("db2"), waits("db3")]), "db1");
  assert.throws(() => backupNode([waits("db1"), waits("db2", 4)]), {
    message: "no node is healthy: db1: its health page does not answer; db2: waits for its peers",
  });
});

test("restored data go into a cluster that serves, or into one whose nodes have all lost theirs; what is in between is brought back first", () => {
  const empty = (host: string): Node => ({ ...waits(host), said: "has no data and waits for a node that serves" });
  assert.equal(entranceOf([serves("db1", true), waits("db2"), serves("db3")]), "serving");
  assert.equal(entranceOf([empty("db1"), empty("db2"), empty("db3")]), "empty");
  const between = [
    [serves("db1", true), waits("db2"), waits("db3")],
    [serves("db1"), serves("db2"), serves("db3")],
    [empty("db1"), empty("db2"), waits("db3")],
    [empty("db1"), empty("db2"), waits("db3", 7)],
  ];
  for (const nodes of between)
    assert.throws(
      () => entranceOf(nodes),
      /^UserError: the cluster does not serve, and its nodes are not all without data: db1: /,
    );
  assert.throws(() => entranceOf(between[3] ?? []), /db3: waits for its peers\. Bring it back first .*Nothing was changed\.$/);
});

test("a cluster begins with the latest data that there are", () => {
  assert.equal(beginningOn("db1", [waits("db1", 7), waits("db2", 7), waits("db3", 6)], false), `${history}:7`);
  assert.equal(beginningOn("db1", [waits("db1", 10), waits("db2", 9)], false), `${history}:10`);
  const unfilled: Node = { ...waits("db3"), said: waitsToBeFilled };
  assert.equal(beginningOn("db1", [waits("db1", 10), waits("db2", 9), unfilled], false), `${history}:10`);
});

test("a cluster does not begin while another node has later data, may have it, or serves; who says so loses them", () => {
  const later = [waits("db1", 7), waits("db2", 8), waits("db3")];
  assert.throws(() => beginningOn("db1", later, false), {
    message:
      `db1: its data end at ${history}:7, but db2 has later data, until ${history}:8; db3 may have later data, it shows no position: its health page does not answer. ` +
      "What the others have more would be lost. Begin with the latest, or bring the others back; to begin here all the same: --although-later. Nothing was changed.",
  });
  assert.equal(beginningOn("db1", later, true), `${history}:7`);
  const other = [waits("db1", 7), waits("db2", 3, history.replace("2f", "3f"))];
  assert.throws(() => beginningOn("db1", other, false), /db2 has data of another history, 3f3c/);
  assert.throws(
    () => beginningOn("db1", [waits("db1", 7), serves("db2")], true),
    /^UserError: db2: serves, so the cluster is there/,
  );
  assert.throws(() => beginningOn("db3", later, true), /^UserError: db3: does not wait with data/);
  assert.throws(() => beginningOn("db9", later, true), { message: '"db9": no node of the cluster; allowed are db1, db2, db3' });
});
