import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { datastoreSchema } from "../../../components/database/accounts.render.ts";
import {
  emptyStaging,
  replacedTable,
  skippedRevisions,
  stagedContents,
  stagingSchema,
  switchTables,
} from "../../../components/database/restored-datastore.render.ts";
import { takeTurns, turnsTaken } from "../../../components/database/turns.render.ts";
import { type Datastore, type Kine, startDatastore } from "../../support/datastore.ts";
import type { EtcdClient } from "../../support/etcd-client.ts";
import { type FailingProxy, startFailingProxy } from "../../support/failing-proxy.ts";
import { until } from "../../support/until.ts";

let datastore: Datastore;

before(async () => {
  datastore = await startDatastore();
});
after(() => datastore?.stop());

async function refusal(replaced: Readonly<Record<string, string>>): Promise<string> {
  const run = await datastore.runKine(replaced);
  try {
    await until("kine gives up", run.ended);
    return run.said();
  } finally {
    await run.stop();
  }
}

test("kine logs in with its certificate alone, to the account that the database made for it", async () => {
  await (await datastore.startKine()).stop();
  const other = { "--cert-file": "monitoring.pem", "--key-file": "monitoring.pem" };
  assert.match(await refusal(other), /Access denied for user 'datastore'/);
});

test("kine takes no database that its platform's authority does not vouch for", async () => {
  assert.match(await refusal({ "--ca-file": "strangers.pem" }), /certificate signed by unknown authority/);
});

test("kine gives a question up that a database which hangs does not answer, and lives on", async () => {
  const { database } = datastore;
  const run = await datastore.startKine();
  try {
    database.hang(true);
    await until("kine gives up a question", () => /i\/o timeout/.test(run.said()), 15_000);
    database.hang(false);
    assert.equal(run.ended(), false);
  } finally {
    database.hang(false);
    await run.stop();
  }
});

/** A kine whose connections die at a part of what it says; without TLS, so that it can be read. */
async function kineThatFailsAt(fatal?: string): Promise<{ readonly run: Kine; readonly proxy: FailingProxy }> {
  const { database } = datastore;
  database.sql("SET GLOBAL require_secure_transport = OFF");
  database.sql(`CREATE OR REPLACE USER open IDENTIFIED BY 'open'; GRANT ALL ON ${datastoreSchema}.* TO open`);
  const proxy = await startFailingProxy(database.port, fatal);
  return { proxy, run: await datastore.runKine({}, `mysql://open:open@tcp(127.0.0.1:${proxy.port})/${datastoreSchema}`) };
}

const firsts = {
  "whether it keeps what health checks read": "/registry/health",
  "where watches begin": "\u0003SELECT MAX(id) AS current_rev FROM kine",
};
for (const [what, fatal] of Object.entries(firsts))
  test(`a kine whose database goes away when it is asked ${what} ends, so that no watch waits for news that never come`, async () => {
    const well = await datastore.startKine();
    const isKept = async (): Promise<boolean> => (await well.client.list("/registry/health")).keys.length > 0;
    await until("what health checks read is there", isKept);
    await well.stop();
    const { run, proxy } = await kineThatFailsAt(fatal);
    try {
      await until("kine has ended", run.ended);
      assert.ok(proxy.died() > 0, run.said());
    } finally {
      await run.stop();
      proxy.stop();
      datastore.database.sql("SET GLOBAL require_secure_transport = ON");
    }
  });

test("a watch whose first answer is cut off ends, and so does a list: neither is taken for whole", async () => {
  const { run, proxy } = await kineThatFailsAt();
  const value = "a value that is longer than what is read at once ".repeat(2000);
  try {
    await until("kine serves", () => run.said().includes("Kine available"));
    const { revision } = await run.client.list("/cut/");
    const before = run.client.watch("/cut/", revision + 1);
    await until("kine watches", before.hasBegun);
    await run.client.create("/cut/long", value);
    // From here on it is nothing new for this kine.
    await until("the write is told of", () => before.keys.includes("/cut/long"));
    before.end();
    proxy.cutAnswersAt("longer than what is read at once");
    const after = run.client.watch("/cut/", revision + 1);
    await until("the watch tells of the write, or ends", () => after.keys.includes("/cut/long") || after.hasEnded());
    assert.ok(proxy.died() > 0, run.said());
    await assert.rejects(run.client.list("/cut/"));
  } finally {
    await run.stop();
    proxy.stop();
    datastore.database.sql("SET GLOBAL require_secure_transport = ON");
  }
});

test("what a kine lists and what it tells of from there on is all that was written, whenever it starts and whichever write is slow", async () => {
  const { database } = datastore;
  const running = await datastore.startKine();
  database.sql(takeTurns());
  const [slow, quick] = [await datastore.login(), await datastore.login()];
  await slow.query("BEGIN");
  await slow.query(insert("/test/slow"));
  let isAnswered = false;
  const written = quick.query(insert("/test/quick")).finally(() => {
    isAnswered = true;
  });
  const waiting = "SELECT COUNT(*) FROM information_schema.INNODB_LOCK_WAITS";
  await until("the quick write is answered, or waits", () => isAnswered || Number(database.sql(waiting)) > 0);
  const starting = await datastore.startKine();
  const seen = await Promise.all([running, starting].map(({ client }) => listAndWatch(client)));
  await slow.query("COMMIT");
  await written;
  const revision = await running.client.create("/test/last");
  try {
    for (const { listed, watch } of seen) {
      await until("the last write is told of", () => watch.keys.includes("/test/last"));
      assert.deepEqual([...listed.keys, ...watch.keys].toSorted(), ["/test/last", "/test/quick", "/test/slow"]);
    }
    assert.equal((await starting.client.list("/test/")).revision, revision);
  } finally {
    for (const { watch } of seen) watch.end();
    for (const session of [slow, quick]) session.destroy();
    for (const run of [running, starting]) await run.stop();
  }
});

test("kine never says that a watch has come to a revision before the watch has told of all up to it", async () => {
  const [own, other] = [await datastore.startKine(), await datastore.startKine()];
  const watches = Array.from({ length: 20 }, (_, index) => own.client.watch(`/progress/${index % 4}/`, 1));
  const quiet = own.client.watch("/quiet/", 1);
  const asking = setInterval(() => {
    for (const watch of [...watches, quiet]) watch.askProgress();
  }, 10);
  try {
    for (const watch of [...watches, quiet]) await until("kine watches", watch.hasBegun);
    const write = async (client: EtcdClient, name: string): Promise<void> => {
      for (let index = 0; index < 200; index++) await client.create(`/progress/${index % 4}/${name}-${index}`);
    };
    await Promise.all([write(own.client, "a"), write(own.client, "b"), write(other.client, "c")]);
    const last = await own.client.create("/progress/last");
    await until("all is told of", () => watches.every(({ keys }) => keys.length === 150), 30_000);
    await until("each watch has come to the last write", () => [...watches, quiet].every((each) => each.toldUntil() >= last));
    assert.deepEqual(
      watches.flatMap(({ late }) => late),
      [],
    );
  } finally {
    clearInterval(asking);
    for (const watch of [...watches, quiet]) watch.end();
    for (const run of [own, other]) await run.stop();
  }
});

test("kine tells how far a watch is to the connection that asks, and not to all of them", async () => {
  const kine = await datastore.startKine();
  const [busy, quiet] = [kine.client.watch("/busy/", 1), kine.client.watch("/quiet/", 1)];
  const asking = setInterval(() => busy.askProgress(), 10);
  try {
    await until("the watch that asks is answered", () => busy.timesTold() >= 40, 30_000);
    // By itself kine tells each every five seconds; it answers ten questions a second.
    assert.ok(quiet.timesTold() <= busy.timesTold() / 4, `${quiet.timesTold()} times, while the one that asks was told 40 times`);
    await until("the other one is told of its own accord", () => quiet.timesTold() > 0, 15_000);
  } finally {
    clearInterval(asking);
    busy.end();
    quiet.end();
    await kine.stop();
  }
});

test("what kine knew at another time takes its place: who watched reads anew, and numbers go on beyond all that were given", async () => {
  const { database } = datastore;
  const first = await datastore.startKine();
  const kept = await first.client.create("/restored/kept");
  const rows = "id, name, created, deleted, create_revision, prev_revision, lease, value, old_value";
  for (const statement of emptyStaging) database.sql(statement);
  database.sql(`CREATE TABLE ${stagingSchema}.kine LIKE ${datastoreSchema}.kine`);
  database.sql(`INSERT INTO ${stagingSchema}.kine (${rows}) SELECT ${rows} FROM ${datastoreSchema}.kine`);
  const later = await first.client.create("/restored/later");
  await first.stop();
  const [count, compactions, isThere] = database.sql(stagedContents).split("\t").map(Number);
  assert.deepEqual([Number(count) > 1, compactions, isThere], [true, 1, 1]);
  database.sql(switchTables("20260131T235959Z", true).join("; "));
  assert.equal(database.sql(turnsTaken), "1\t1");
  const second = await datastore.startKine();
  const [old, fresh] = [
    second.client.watch("/restored/", later),
    second.client.watch("/restored/", later + skippedRevisions + 1),
  ];
  try {
    assert.deepEqual((await second.client.list("/restored/")).keys, ["/restored/kept"]);
    const next = await second.client.create("/restored/next");
    assert.equal(next, Math.max(kept, later) + skippedRevisions + 1);
    await until("the new write is told of", () => fresh.keys.includes("/restored/next"));
    await until("a watch from before is told to read anew", old.isCompacted);
    assert.deepEqual(old.keys, []);
    assert.doesNotMatch(second.said(), /fill/i);
    const replaced = `${datastoreSchema}.${replacedTable("20260131T235959Z")}`;
    assert.equal(database.sql(`SELECT COUNT(*) FROM ${replaced} WHERE name = '/restored/later'`), "1");
  } finally {
    for (const watch of [old, fresh]) watch.end();
    await second.stop();
  }
});

/** As kine inserts. */
const insert = (key: string): string =>
  `INSERT INTO kine (name, created, deleted, create_revision, prev_revision, lease) SELECT '${key}', 1, 0, 0, 0, 0`;

async function listAndWatch(client: EtcdClient) {
  const listed = await client.list("/test/");
  const watch = client.watch("/test/", listed.revision + 1);
  await until("kine watches", watch.hasBegun);
  return { listed, watch };
}
