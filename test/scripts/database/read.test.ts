import assert from "node:assert/strict";
import { test } from "node:test";
import { type Backups, readBackups, readPages, restorable, stampOf, timeOf } from "../../../scripts/database/read.ts";
import { renderStatus, unwell } from "../../../scripts/database/report.ts";

const position = "2f3c7f6e-c6ef-11f0-9c1e-5a5b0b9f7b11:42";
const pages = [
  "dc1-platform-db1\t200 healthy\t200 writer",
  "dc1-platform-db2\t200 healthy\t503 the writer is dc1-platform-db1",
  `dc1-platform-db3\t503 waits for its peers with data until ${position}. If one\t503 `,
  "",
].join("\n");
const list = `{"full":"20261121T100000Z-dc1-platform-db2","manifest":{"format":1,"host":"dc1-platform-db2","end":"20261121T100000Z","bytes":2097152},"verified":{"sound":true,"at":"20261121T100100Z","found":{}}}
{"full":"20261121T110000Z-dc1-platform-db2","manifest":{"format":1,"host":"dc1-platform-db2","end":"20261121T110000Z","bytes":2097152},"verified":{"sound":false,"at":"20261121T110100Z"}}
{"full":"20261121T120000Z-dc1-platform-db2","manifest":{"format":1,"host":"dc1-platform-db2","end":"20261121T120000Z","bytes":2097152},"verified":null}
{"binlogs":"dc1-platform-db1/7-1","from":${timeOf("20261121T090000Z") / 1000},"until":${timeOf("20261121T123000Z") / 1000},"bytes":1048576}
{"binlogs":"dc1-platform-db3/9-1","from":${timeOf("20261121T110000Z") / 1000},"until":${timeOf("20261121T124000Z") / 1000},"bytes":1048576}
{"problem":"dc1-platform-db2-full","at":"20261121T110100Z","said":"could not be restored"}
`;
const now = timeOf("20261121T123005Z");
const sound = (text: string): Backups => readBackups(text);

test("pages tell who is healthy, who writes, and where the data of a node that waits end", () => {
  const nodes = readPages(pages);
  assert.deepEqual(
    nodes.map(({ host, healthy, writer }) => [host, healthy, writer]),
    [
      ["dc1-platform-db1", true, true],
      ["dc1-platform-db2", true, false],
      ["dc1-platform-db3", false, false],
    ],
  );
  assert.equal(nodes[2]?.position, position);
});

test("a time is one that a sound full backup and binary logs that reach back to it cover", () => {
  assert.deepEqual(restorable(sound(list)), { from: timeOf("20261121T100000Z"), until: timeOf("20261121T123000Z") });
  const without = list.split("\n").filter((line) => !line.includes('"sound":true'));
  assert.equal(restorable(sound(without.join("\n"))), undefined);
});

test("a time's name in the backups is the time", () => {
  assert.equal(stampOf(Date.parse("2026-11-21T10:00:00.999Z")), "20261121T100000Z");
  assert.equal(timeOf("20261121T100000Z"), Date.parse("2026-11-21T10:00:00Z"));
});

test("the status says what is not well, and nothing where all is", () => {
  assert.deepEqual(unwell(readPages(pages), sound(list), 24, now), [
    `dc1-platform-db3: waits for its peers with data until ${position}. If one`,
    "dc1-platform-db2-full, 20261121T110100Z: could not be restored",
  ]);
  const well = list.split("\n").filter((line) => !line.includes("problem"));
  assert.deepEqual(unwell(readPages(pages).slice(0, 2), sound(well.join("\n")), 24, now), []);
  assert.deepEqual(unwell(readPages(pages).slice(1, 2), sound(well.join("\n")), 24, now + 120_000), [
    "0 nodes are the writer",
    "the last copy of a binary log is of 2026-11-21T12:30:00Z",
  ]);
  assert.deepEqual(unwell(readPages(pages).slice(0, 2), sound(""), 24, now), [
    "there is no full backup that was restored and found sound",
  ]);
});

test("a full backup that is overdue is not well, whatever the binary logs are", () => {
  const well = sound(
    list
      .split("\n")
      .filter((line) => !line.includes("problem"))
      .join("\n"),
  );
  const said = (every: number): string[] => unwell(readPages(pages).slice(0, 2), well, every, now);
  assert.deepEqual(said(2), []);
  assert.deepEqual(said(1), ["the last full backup that was found sound is of 2026-11-21T10:00:00Z; one is due every 1 h"]);
});

test("the status shows nodes, backups and the times that can be restored", () => {
  const text = renderStatus({ title: "dc1", target: "a volume", fullEveryHours: 24 }, readPages(pages), sound(list), now);
  assert.match(text, /dc1-platform-db1 │ healthy .*│ yes/);
  assert.match(text, /2026-11-21T11:00:00Z │ dc1-platform-db2 │ 2\.0 │ NOT SOUND/);
  assert.match(text, /Can be restored to any second from 2026-11-21T10:00:00Z to 2026-11-21T12:30:00Z, 5 s ago\./);
  assert.match(text, /NOT WELL: dc1-platform-db2-full/);
});
