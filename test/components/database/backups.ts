import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { databasePaths } from "../../../components/database/cluster.render.ts";
import { turnsTaken } from "../../../components/database/turns.render.ts";
import type { Host } from "../../../environments/model/topology.ts";
import { readBackups, restoredShape, stampOf } from "../../../scripts/database/read.ts";
import { until } from "../../support/until.ts";
import { backupLog, runBackup, startBackups } from "./backup-containers.ts";
import { acknowledgedBefore, untilWritten, write } from "./entries.ts";
import * as it from "./nodes.ts";
import { logged, nodes } from "./session.ts";

let holder: Host;
let full = "";

/** A failure shows what the backup containers said too. */
const told = (work: () => Promise<void>): Promise<void> =>
  logged(work, (host) => backupLog(nodes, host).catch(() => `${host.name} has no backup container`));

const list = async (): Promise<ReturnType<typeof readBackups>> =>
  readBackups((await runBackup(nodes, holder, "bash", databasePaths.backup, "list")).output);

test("a node that is not the writer makes the full backup while a client writes, and it is restored and read", () =>
  told(async () => {
    const writer = await it.untilOneWriter(nodes);
    [holder] = nodes.cluster.members.filter(({ name }) => name !== writer.name) as [Host];
    await it.sql(
      nodes,
      writer,
      "CREATE DATABASE IF NOT EXISTS test; CREATE TABLE IF NOT EXISTS test.entries (id BIGINT AUTO_INCREMENT PRIMARY KEY, note TEXT)",
    );
    write(writer);
    await untilWritten(100);
    for (const host of nodes.cluster.members) await startBackups(nodes, host);
    await until("there is a full backup", async () => (await list()).fulls.some(({ verified }) => verified !== null), 180_000);
    const { fulls } = await list();
    assert.deepEqual(
      fulls.map(({ host, verified }) => [host, verified?.sound]),
      [[holder.name, true]],
    );
    full = fulls[0]?.name ?? "";
  }));

test("a table that was dropped by mistake is there as it was at the second before: every acknowledged row, and none after", () =>
  told(async () => {
    await untilWritten(100);
    const time = Math.floor(Date.now() / 1000) * 1000 + 1000;
    await until("that second is over", async () => Date.now() > time + 1500);
    await untilWritten(20);
    const live = await it.sql(nodes, holder, "SELECT id, note FROM test.entries ORDER BY id");
    await it.sql(nodes, holder, "CREATE USER later@localhost; DROP TABLE test.entries");
    const dropped = Date.now();
    await until(
      "all binary logs are copied beyond that",
      async () => (await list()).binlogs.filter(({ until: end }) => end > dropped).length === nodes.cluster.members.length,
      60_000,
    );
    const { code, output } = await runBackup(nodes, holder, "bash", databasePaths.restore, "latest", stampOf(time));
    assert.equal(code, 0, output);
    const said = restoredShape.parse(JSON.parse(output.split("\n").at(-1) ?? ""));
    assert.equal(said.full, full);
    const before = live.split("\n").filter((line) => (line.split("\t")[1] ?? "") < wallTime(time));
    assert.equal(await inScratch("SELECT id, note FROM test.entries ORDER BY id"), before.join("\n"));
    assert.equal(said.rows["test.entries"], before.length);
    const kept = new Set(before.map((line) => Number(line.split("\t")[0])));
    assert.deepEqual(
      acknowledgedBefore(time).filter((number) => !kept.has(number)),
      [],
    );
  }));

test("up to the end of the binary logs the table is gone again, and what came with the backup is still there", () =>
  told(async () => {
    const { code, output } = await runBackup(nodes, holder, "bash", databasePaths.restore, "latest", "end");
    assert.equal(code, 0, output);
    const { rows } = restoredShape.parse(JSON.parse(output.split("\n").at(-1) ?? ""));
    assert.equal(rows["test.entries"], undefined);
    assert.equal(rows["tandem.writer"], 1);
    assert.equal(await inScratch("SELECT COUNT(*) FROM mysql.user WHERE user = 'later'"), "1");
  }));

test("the commands show the backups, make one more, and restore to a time", () =>
  told(async () => {
    const command = (...words: string[]) =>
      promisify(execFile)(process.execPath, [join(import.meta.dirname, "../../../scripts/database/index.ts"), ...words]);
    const { stdout: status } = await command("status");
    assert.match(status, new RegExp(`│ ${holder.name} .*│ sound, `));
    assert.match(status, /Can be restored to any second from \S+Z to \S+Z, \d+ s ago/);
    assert.match((await command("backup")).stdout, new RegExp(`${holder.name} was made, restored and found sound`));
    const time = new Date(Math.floor(Date.now() / 1000) * 1000).toISOString().replace(".000", "");
    await until(
      "all binary logs are copied beyond that",
      async () => (await list()).binlogs.every(({ until: end }) => end >= Date.parse(time)),
      60_000,
    );
    const { stdout, stderr } = await command("restore", "--to", time);
    assert.match(stdout, /tandem\.writer\s+│\s+1 /);
    assert.match(stderr, /reads every table/);
  }));

test("two full backups that are asked for at once are made one after the other", () =>
  told(async () => {
    const before = (await list()).fulls.length;
    const full = () => runBackup(nodes, holder, "bash", databasePaths.backup, "full");
    const both = await Promise.all([full(), full()]);
    assert.deepEqual(
      both.map(({ code }) => code),
      [0, 0],
      both.map(({ output }) => output).join("\n"),
    );
    const { fulls } = await list();
    assert.deepEqual([fulls.length - before, fulls.at(-1)?.verified?.sound, fulls.at(-2)?.verified?.sound], [2, true, true]);
  }));

test("what no day of those that are kept needs goes with the next full backup: all before the last sound one that is older", () =>
  told(async () => {
    const sh = async (script: string): Promise<string> => (await runBackup(nodes, holder, "sh", "-c", script)).output;
    const { backups } = databasePaths;
    const plant = (stamp: string, sound: boolean): string =>
      `mkdir -p ${backups}/full/${stamp}-x; echo '{"sound":${sound}}' > ${backups}/full/${stamp}-x/verified.json`;
    const log = (name: string, day: string): string =>
      `mkdir -p ${backups}/binlogs/x/${name}; touch -d ${day} ${backups}/binlogs/x/${name}/binlog.000001`;
    await sh(
      [
        ...[plant("20240101T000000Z", true), plant("20240201T000000Z", true), plant("20240301T000000Z", false)],
        ...[log("before", "2024-01-15"), log("after", "2024-02-15")],
      ].join("; "),
    );
    const { code, output } = await runBackup(nodes, holder, "bash", databasePaths.backup, "full");
    assert.equal(code, 0, output);
    assert.equal(await sh(`cd ${backups}/full; ls -d 2024*`), "20240201T000000Z-x\n20240301T000000Z-x");
    assert.equal(await sh(`cd ${backups}/binlogs/x; find . -type f`), "./after/binlog.000001");
    await sh(`rm -r ${backups}/full/2024* ${backups}/binlogs/x`);
  }));

test("kine's table as it was at a time takes the place of the one in use on every node, and keeps its inserts in turn", () =>
  told(async () => {
    const ask = (host: Host, statement: string) => it.sql(nodes, host, statement);
    const columns = "name, created, deleted, create_revision, prev_revision, lease, value";
    const insert = (key: string) =>
      ask(holder, `INSERT INTO kubernetes.kine (${columns}) VALUES ('${key}', 1, 0, 0, 0, 0, UNHEX('00FF27'))`);
    await ask(
      holder,
      `CREATE TABLE kubernetes.kine (id BIGINT UNSIGNED AUTO_INCREMENT PRIMARY KEY, name VARCHAR(630) CHARACTER SET ascii, created INTEGER,
        deleted INTEGER, create_revision BIGINT UNSIGNED, prev_revision BIGINT UNSIGNED, lease INTEGER, value MEDIUMBLOB, old_value MEDIUMBLOB,
        UNIQUE KEY (name, prev_revision))`,
    );
    for (const host of nodes.cluster.members)
      await until("inserts take turns", async () => (await ask(host, turnsTaken)) === "1\t1");
    for (const key of ["compact_rev_key", "kept"]) await insert(key);
    const time = Math.floor(Date.now() / 1000) * 1000 + 1000;
    await until("that second is over", async () => Date.now() > time + 1500);
    await insert("later");
    const changed = Date.now();
    await until(
      "all binary logs are copied beyond that",
      async () => (await list()).binlogs.filter(({ until: end }) => end > changed).length === nodes.cluster.members.length,
      60_000,
    );
    const { code, output } = await runBackup(nodes, holder, "bash", databasePaths.restore, "latest", stampOf(time));
    assert.equal(code, 0, output);
    const restored = restoredShape.parse(JSON.parse(output.split("\n").at(-1) ?? ""));
    const [{ placeOf }, { bringIn }] = [
      await import("../../../scripts/database/reach.ts"),
      await import("../../../scripts/database/bring-in.ts"),
    ];
    const place = { ...placeOf("lab", nodes.cluster.site), controlPlane: [] };
    const said: string[] = [];
    const bring = (what: typeof restored) =>
      bringIn(
        { place, host: holder, restored: what, entrance: "serving" },
        (line) => said.push(line),
        AbortSignal.timeout(60_000),
      );
    await assert.rejects(
      bring({ ...restored, to: "end" }),
      /does not hold .* until end, or no longer: run again\. kubernetes\.kine was not touched/,
    );
    assert.equal(await ask(holder, "SELECT COUNT(*) FROM kubernetes.kine"), "3");
    const replaced = (await bring(restored)) ?? "";
    for (const host of nodes.cluster.members) {
      assert.equal(
        await ask(host, "SELECT name FROM kubernetes.kine WHERE name NOT LIKE 'gap-%' ORDER BY id"),
        "compact_rev_key\nkept",
      );
      assert.equal(await ask(host, "SELECT HEX(value) FROM kubernetes.kine WHERE name = 'kept'"), "00FF27");
      assert.equal(await ask(host, `SELECT COUNT(*) FROM ${replaced} WHERE name = 'later'`), "1");
      assert.equal(await ask(host, turnsTaken), "1\t1");
    }
    assert.match(said.join("\n"), /2 rows of kubernetes\.kine are in the cluster/);
  }));

test("statistics of the optimizer that are torn keep no backup from being sound: they have no log, and hold nobody's data", () =>
  told(async () => {
    // Its checksum would tell the tool, which then copies nothing.
    const unchecked = "ALTER TABLE mysql.column_stats PAGE_CHECKSUM=0; FLUSH TABLES mysql.column_stats";
    // In one of many runs the server refused it ("Incorrect file format").
    await until("the table has no checksum", () =>
      it.sql(nodes, holder, `SET SESSION wsrep_on = OFF, sql_log_bin = 0; ${unchecked}`).then(
        () => true,
        () => false,
      ),
    );
    const file = `${databasePaths.data}/mysql/column_stats.MAD`;
    // A question of somebody else's may open the table before it is torn, and the server then knows what was there.
    await until("the server finds it torn", async () => {
      await it.run(nodes, holder, ["sh", "-c", `printf '\\001' | dd of=${file} bs=1 seek=20 conv=notrunc status=none`]);
      const found = await it.sql(nodes, holder, "FLUSH TABLES mysql.column_stats; CHECK TABLE mysql.column_stats");
      return /pages reserved outside of data file length/.test(found);
    });
    const { code, output } = await runBackup(nodes, holder, "bash", databasePaths.backup, "full");
    assert.equal(code, 0, output);
  }));

test("a time that the binary logs do not reach, one before all backups, and a damaged backup are refused, each with its reason", () =>
  told(async () => {
    const restore = (to: string) => runBackup(nodes, holder, "bash", databasePaths.restore, "latest", to);
    const ahead = await restore(stampOf(Date.now() + 3600_000));
    assert.equal(ahead.code, 1);
    assert.match(ahead.output, /the binary logs end at \d{8}T\d{6}Z, before/);
    const early = await restore("20200101T000000Z");
    assert.match(early.output, /there is no sound full backup from before 20200101T000000Z/);
    const newest = (await list()).fulls.at(-1)?.name;
    const damage = `f=${databasePaths.backups}/full/${newest}/data.gz; printf X | dd of=$f bs=1 seek=5000 conv=notrunc status=none`;
    await runBackup(nodes, holder, "sh", "-c", damage);
    const damaged = await restore("end");
    assert.equal(damaged.code, 1);
    assert.match(damaged.output, /data\.gz is not what was written/);
  }));

const wallTime = (time: number): string =>
  new Date(time)
    .toISOString()
    .replace("T", " ")
    .replace(/\.\d+Z$/, "");

/** Asks a server on the data that the last restore left. */
async function inScratch(statement: string): Promise<string> {
  const socket = `${databasePaths.runtime}/look.sock`;
  const script = `
mysqld --no-defaults --datadir=${databasePaths.scratch}/data --socket=${socket} --skip-networking --skip-grant-tables > /dev/null 2>&1 &
server=$!
for turn in $(seq 100); do mysqladmin --no-defaults --socket=${socket} ping > /dev/null 2>&1 && break; sleep 0.2; done
mysql --no-defaults --socket=${socket} --user=root --batch --skip-column-names --execute="$1"
kill $server
wait $server`;
  const { output } = await runBackup(nodes, holder, "bash", "-c", script, "look", statement);
  return output;
}
