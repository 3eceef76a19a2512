import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { databaseCluster, databasePaths, noPosition } from "../../../components/database/cluster.render.ts";
import { renderMyCnf } from "../../../components/database/my-cnf.render.ts";
import { turnsTaken } from "../../../components/database/turns.render.ts";
import { loadEnvironment, platforms } from "../../../environments/model/load.ts";
import { timingsOf } from "../../../environments/model/timings.ts";
import { availabilityModes, type Host } from "../../../environments/model/topology.ts";
import { topologyOf } from "../../../environments/model/topology-of.ts";
import { until } from "../../support/until.ts";
import { datastorePem, writeBeginning } from "./configuration.ts";
import * as it from "./nodes.ts";
import { db1, db2, db3, home, logged, nodes, start } from "./session.ts";

test("the real server reads every generated configuration of its flavor in every mode, and names one that it can't", async () => {
  const directory = mkdtempSync(join(home, "configurations-"));
  for (const platform of platforms()) {
    const topology = topologyOf(loadEnvironment(platform, platform === "lab" ? { slot: 0 } : {}));
    for (const site of topology.sites)
      for (const mode of availabilityModes) {
        const cluster = { ...databaseCluster(topology, site), flavor: "mariadb-galera", timings: timingsOf(mode) } as const;
        for (const member of cluster.members)
          writeFileSync(join(directory, `${platform}-${mode}-${member.name}.cnf`), renderMyCnf(cluster, member), { mode: 0o644 });
      }
  }
  const sound = readdirSync(directory);
  assert.equal(sound.length, 36);
  writeFileSync(join(directory, "unsound.cnf"), "[mysqld]\nwsrep_auto_increment_controll = OFF\n");
  chmodSync(directory, 0o755);
  const script =
    'cd /configurations; for file in *; do mysqld --defaults-file="$PWD/$file" --help --verbose > /dev/null 2>&1 || echo "$file"; done';
  const { output } = await it.runOnce(nodes, ["sh", "-c", script], [`${directory}:/configurations:ro`]);
  assert.equal(output.trim(), "unsound.cnf");
});

test("a node without data waits for one that serves, and never begins a cluster by itself", () =>
  logged(async () => {
    await start(db2, db3);
    for (const host of [db2, db3]) await it.untilSays(host, /^has no data and waits for a node that serves/);
    assert.equal((await it.health(db2)).status, 503);
  }));

test("a cluster is made once, on one node, when no node has data; the others get its data and serve", () =>
  logged(async () => {
    writeBeginning(nodes, db1, noPosition);
    await start(db1);
    await it.untilHealthy(...nodes.cluster.members);
    assert.deepEqual(await it.health(db3), { status: 200, reason: "healthy" });
    assert.equal(await it.sql(nodes, db2, "SELECT @@wsrep_cluster_name"), "lab-dc1");
  }));

test("one node is the writer, and no other takes a row, whoever asks it", () =>
  logged(async () => {
    const writer = await it.untilOneWriter(nodes);
    const [other] = nodes.cluster.members.filter(({ name }) => name !== writer.name) as [Host];
    const refused = await asAccount(other, "datastore", datastorePem, "CREATE TABLE kubernetes.refused (id INT)");
    assert.match(refused.output, /read-only option/);
  }));

test("kine's inserts take turns, whichever node is the writer: a row with a higher number is never seen before one with a lower", () =>
  logged(async () => {
    const first = await it.untilOneWriter(nodes);
    const asKine = async (at: Host, ...statements: string[]): Promise<string> => {
      const { code, output } = await asAccount(at, "datastore", datastorePem, statements.join("; "));
      assert.equal(code, 0, output);
      return output;
    };
    const insert = (name: string): string => `INSERT INTO kubernetes.kine (name) SELECT '${name}'`;
    const rows = "SELECT GROUP_CONCAT(id, ' ', name ORDER BY id) FROM kubernetes.kine";
    await asKine(first, "CREATE TABLE kubernetes.kine (id BIGINT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(99))");
    for (const host of nodes.cluster.members)
      await until(`inserts take turns on ${host.name}`, async () => (await it.sql(nodes, host, turnsTaken)) === "1\t1");
    const slow = asKine(first, "BEGIN", insert("slow"), "DO SLEEP(3)", "COMMIT");
    // InnoDB answers from what it gathered before, unless nobody asked for 0.1 s.
    const begun = "DO SLEEP(0.2); SELECT COUNT(*) FROM information_schema.INNODB_TRX WHERE trx_rows_modified > 0";
    await until("the slow insert is under way", async () => (await it.sql(nodes, first, begun)) !== "0");
    assert.equal(await asKine(first, insert("quick"), rows), "1 slow,2 quick");
    await slow;
    // A hand, or a backup from before.
    await it.sql(nodes, first, "DROP TRIGGER kubernetes.kine_in_turn");
    await it.containerOf(nodes, first).stop({ t: 60 });
    const second = await it.untilOneWriter(nodes);
    assert.equal(await it.sql(nodes, second, turnsTaken), "1\t1");
    await asKine(second, insert("elsewhere"));
    await start(first);
    await it.untilHealthy(...nodes.cluster.members);
    for (const host of nodes.cluster.members)
      assert.equal(await it.sql(nodes, host, rows), "1 slow,2 quick,3 elsewhere", host.name);
  }));

test("the writer goes on while it gives its data to another node, although it is not healthy then", () =>
  logged(async () => {
    const writer = await it.untilOneWriter(nodes);
    await it.sql(nodes, writer, "SET GLOBAL wsrep_desync = ON");
    await it.untilSays(writer, /^gives its data to another node$/);
    assert.deepEqual(await it.writers(nodes), [writer.name]);
    await it.sql(nodes, writer, "SET GLOBAL wsrep_desync = OFF");
    await it.untilHealthy(writer);
  }));

test("the role leaves a node before its server stops, and stays where it went", () =>
  logged(async () => {
    const first = await it.untilOneWriter(nodes);
    await it.containerOf(nodes, first).stop({ t: 60 });
    const second = await it.untilOneWriter(nodes);
    assert.notEqual(second.name, first.name);
    await start(first);
    await it.untilHealthy(...nodes.cluster.members);
    assert.deepEqual(await it.writers(nodes), [second.name]);
  }));

test("an account is proved by its own certificate, over TLS, and may do what it is for and nothing else", () =>
  logged(async () => {
    const at = await it.untilOneWriter(nodes);
    const as = (user: string, pem: string, statement: string) => asAccount(at, user, pem, statement);
    const table =
      "CREATE TABLE kubernetes.probe (id INT PRIMARY KEY); INSERT INTO kubernetes.probe VALUES (7); SELECT * FROM kubernetes.probe";
    assert.deepEqual(await as("datastore", datastorePem, table), { code: 0, output: "7" });
    assert.match((await as("datastore", datastorePem, "CREATE DATABASE other")).output, /Access denied/);
    assert.match((await as("datastore", datastorePem, "SELECT * FROM mysql.global_priv")).output, /denied/);
    assert.match((await as("datastore", databasePaths.agentPem, "SELECT 1")).output, /Access denied for user 'datastore'/);
    assert.match((await as("datastore", "", "SELECT 1")).output, /secure_transport|Access denied/);
    assert.match((await as("root", datastorePem, "SELECT 1")).output, /Access denied|not allowed to connect/);
    const users = await it.sql(nodes, db1, "SELECT CONCAT(user, '@', host) FROM mysql.user ORDER BY 1");
    assert.deepEqual(users.split("\n"), [
      ...["backup@%", "datastore@%", "drill@%", "health-check@localhost", "mariadb.sys@localhost", "monitoring@localhost"],
      ...["replication@%", "root@localhost", "tandem-service@localhost"],
    ]);
    assert.match(
      await it.sql(nodes, db1, "SHOW GRANTS FOR 'tandem-service'@localhost"),
      /^GRANT RELOAD, PROCESS, LOCK TABLES, BINLOG MONITOR/,
    );
  }));

test("what an account may do is put right at each start, node by node: what is declared reaches a cluster that is there", () =>
  logged(async () => {
    const grants = "SHOW GRANTS FOR 'monitoring'@'localhost'; SHOW GRANTS FOR 'drill'@'%'";
    const declared = await it.sql(nodes, db1, grants);
    await it.sql(nodes, await it.untilOneWriter(nodes), "DROP USER 'monitoring'@'localhost'; GRANT ALL ON *.* TO 'drill'@'%'");
    await assert.rejects(it.sql(nodes, db1, grants), /no such grant/);
    for (const host of nodes.cluster.members) {
      await it.containerOf(nodes, host).stop({ t: 60 });
      await start(host);
      await it.untilHealthy(...nodes.cluster.members);
      assert.equal(await it.sql(nodes, host, grants), declared);
    }
  }));

test("a server that hangs is not healthy, gives the role away, and comes back as one of the others", () =>
  logged(async () => {
    const writer = await it.untilOneWriter(nodes);
    await it.signalServer(nodes, writer, "STOP");
    await it.untilSays(writer, /^no word from the server for/);
    const next = await it.untilOneWriter(nodes);
    assert.notEqual(next.name, writer.name);
    await it.signalServer(nodes, writer, "CONT");
    for (let look = 0; look < 20; look++) assert.deepEqual(await it.writers(nodes), [next.name]);
    await it.untilHealthy(...nodes.cluster.members);
    assert.deepEqual(await it.writers(nodes), [next.name]);
  }));

/** Runs a statement at a node's own address, as a client over the network. */
const asAccount = (at: Host, user: string, pem: string, statement: string): Promise<it.Said> =>
  it.run(nodes, db2, [
    ...["mysql", "--no-defaults", "--batch", "--skip-column-names", `--host=${at.addresses.storage}`, `--user=${user}`],
    ...(pem === "" ? ["--skip-ssl"] : [`--ssl-cert=${pem}`, `--ssl-key=${pem}`, `--ssl-ca=${databasePaths.authorities}`]),
    ...(pem === "" ? [] : ["--ssl-verify-server-cert"]),
    `--execute=${statement}`,
  ]);
