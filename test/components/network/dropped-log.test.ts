import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { gunzipSync, gzipSync } from "node:zlib";
import { droppedLogDirectory, renderStartDroppedLog } from "../../../components/network/dropped-log.render.ts";

const scratch = mkdtempSync(join(tmpdir(), "tandem-test-dropped-log-"));
after(() => rmSync(scratch, { recursive: true, force: true }));
const [logs, programs] = [join(scratch, "logs"), join(scratch, "bin")];
mkdirSync(logs);
mkdirSync(programs);
// In the place of the logger: it writes one line and ends.
writeFileSync(join(programs, "ulogd"), "#!/bin/sh\necho new >> dropped.log\n");
chmodSync(join(programs, "ulogd"), 0o755);

const daysAgo = (days: number): Date => new Date(Date.now() - days * 86_400_000);
const dayOf = (date: Date): string => date.toISOString().slice(0, 10);
const packed = (date: Date): string => `dropped-${dayOf(date)}.log.gz`;
function write(name: string, content: string | Buffer, date: Date): void {
  writeFileSync(join(logs, name), content);
  utimesSync(join(logs, name), date, date);
}
const unpacked = (name: string): string => gunzipSync(readFileSync(join(logs, name))).toString();
function start(keepDays: number): void {
  const script = renderStartDroppedLog(keepDays).replace(droppedLogDirectory, logs);
  const { status, stderr } = spawnSync("sh", ["-c", script], {
    encoding: "utf8",
    env: { PATH: `${programs}:${process.env["PATH"]}` },
  });
  assert.deepEqual([status, stderr], [0, ""]);
}

test("a gateway's log of another day is packed under that day, a cut packing is finished, and what is older than the days to keep is gone", () => {
  const [yesterday, before] = [daysAgo(1), daysAgo(2)];
  write("dropped.log", "yesterday\n", yesterday);
  // The first half of what a power failure cut.
  write("rotated", "second half\n", before);
  write(packed(before), gzipSync("first half\n"), before);
  for (const days of [6, 8, 9, 200]) write(packed(daysAgo(days)), gzipSync(`${days}\n`), daysAgo(days));
  start(7);
  const kept = [packed(yesterday), packed(before), packed(daysAgo(6))];
  assert.deepEqual(readdirSync(logs).toSorted(), ["dropped.log", ...kept].toSorted());
  assert.equal(unpacked(packed(yesterday)), "yesterday\n");
  assert.equal(unpacked(packed(before)), "first half\nsecond half\n");
  assert.equal(readFileSync(join(logs, "dropped.log"), "utf8"), "new\n");
});

test("a log that is started again on the same day goes on in its file; where the law asks for 180 days they are kept", () => {
  for (const days of [180, 182]) write(packed(daysAgo(days)), gzipSync(`${days}\n`), daysAgo(days));
  write("rotated", "of yesterday, too\n", daysAgo(1));
  start(180);
  assert.equal(readFileSync(join(logs, "dropped.log"), "utf8"), "new\nnew\n");
  assert.equal(unpacked(packed(daysAgo(1))), "yesterday\nof yesterday, too\n");
  const names = readdirSync(logs);
  assert.deepEqual(
    [180, 182].map((days) => names.includes(packed(daysAgo(days)))),
    [true, false],
  );
});
