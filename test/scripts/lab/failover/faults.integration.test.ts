import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { before, test } from "node:test";
import { databasePaths, freeMib as shellFreeMib, spareMib } from "../../../../components/database/cluster.render.ts";
import type { Host } from "../../../../environments/model/topology.ts";
import type { Written } from "../../../../scripts/lab/failover/records.ts";
import { afterAlways } from "../../../support/interrupted.ts";
import { until } from "../../../support/until.ts";
import type { Ground } from "./site.ts";

// A lab of its own: a database server that is no cluster, its client's host, and two hosts that stand for balancers.
const home = mkdtempSync(join(tmpdir(), "tandem-failover-test-"));
process.env["XDG_STATE_HOME"] = home;
process.env["TANDEM_LAB_INSTANCE"] = `failover-${process.pid}`;
const { makeGround, pem, startServer, startService } = await import("./site.ts");
const { takeDown } = await import("../../../../scripts/lab/down.ts");
const { runIn } = await import("../../../../scripts/lab/run-in.ts");
const { machineOf, perform, serviceName } = await import("../../../../scripts/lab/failover/faults.ts");
const { faultsOf } = await import("../../../../scripts/lab/failover/open-faults.ts");
const { removeRows, rowsOf } = await import("../../../../scripts/lab/failover/contents.ts");
const { holdersOf } = await import("../../../../scripts/lab/failover/places.ts");
const { networkOf, startProgram } = await import("../../../../scripts/lab/programs.ts");
const { compareContents } = await import("../../../../scripts/lab/failover/records.ts");

let ground: Ground;
let lab: Ground["lab"];
let docker: Ground["docker"];
let hosts: Ground["hosts"];
let place: Ground["place"];
let [database, first, second]: Host[] = [];

const mysqld = { service: "database", name: "mysqld" };

before(async () => {
  ground = await makeGround(home, ({ databases, balancers, clientHost }) => [databases[0], ...balancers, clientHost]);
  ({ lab, docker, hosts, place } = ground);
  [database] = place.databases as [Host];
  [first, second] = place.balancers as [Host, Host];
  await startService(ground, db(), "database", "database", startServer(db().addresses.storage));
});

afterAlways(async () => {
  try {
    await takeDown(() => {});
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
});

const db = (): Host => database as Host;

/** The server's process on this machine. */
async function serverPid(): Promise<number | undefined> {
  const { State } = await docker.getContainer(serviceName(lab, db(), "database")).inspect();
  if (!State.Running || State.Pid === 0) return undefined;
  try {
    return /^(mysqld|mariadbd)$/m.test(readFileSync(`/proc/${State.Pid}/comm`, "utf8")) ? State.Pid : undefined;
  } catch {
    // It has ended meanwhile.
    return undefined;
  }
}

const serves = async (): Promise<boolean> => {
  if ((await serverPid()) === undefined) return false;
  return rowsOf(lab, [db()], "nobody").then(
    () => true,
    (error: Error) => error.message.includes("doesn't exist"),
  );
};

test("a client in a host's network writes through TLS with its certificate; a server that is killed, hung and stopped loses nothing", async (t) => {
  await until("the server serves", serves, 60_000);
  const { storage } = db().addresses;
  const settings = {
    ...{ host: storage, port: 3306, user: "drill", database: "drill", client: "case-1", pauseMs: 20 },
    ...{ ca: pem(ground, "ca.crt"), cert: pem(ground, "drill.crt"), key: pem(ground, "drill.key") },
  };
  const network = await networkOf(lab, machineOf(lab, place.clientHost));
  const writer = startProgram<Written>("failover/row-writer", settings, { directory: home, name: "rows", network });
  t.after(() => writer.end());
  const last = (): Written | undefined => writer.lines.at(-1);
  const writes = async (what: string): Promise<void> => {
    const seen = writer.lines.length;
    const acknowledged = () => writer.lines.slice(seen).filter(({ outcome }) => outcome === "acknowledged").length > 5;
    await until(`rows are acknowledged ${what} (the client was told ${last()?.why})`, acknowledged, 60_000);
  };
  await writes("at first");

  const killed = await serverPid();
  await perform(lab, hosts, { kind: "kill", host: db().name, processes: mysqld });
  await until("the engine has started it again", async () => ![undefined, killed].includes(await serverPid()), 30_000);
  await writes("after the kill");

  const state = (pid: number | undefined): string => readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.[0] ?? "";
  const faults = faultsOf(lab, hosts);
  const running = await serverPid();
  await faults.act({ kind: "hang", host: db().name, processes: mysqld });
  await until("the server is stopped", () => state(running) === "T");
  await until("the client gives up", () => last()?.outcome !== "acknowledged");
  const open = join(lab.directory, "failover", "open.json");
  assert.deepEqual(JSON.parse(readFileSync(open, "utf8")), [{ kind: "continue", host: db().name, processes: mysqld }]);
  // Another drill, after this one was killed.
  assert.deepEqual(await faultsOf(lab, hosts).undoAll(), []);
  assert.equal(existsSync(open), false);
  await until("the server goes on", () => state(running) !== "T");
  await writes("after the hang");

  await perform(lab, hosts, { kind: "stop", host: db().name, service: "database" });
  assert.equal(await serverPid(), undefined);
  await assert.rejects(
    perform(lab, hosts, { kind: "kill", host: db().name, processes: mysqld }),
    /is not running|no process mysqld/,
  );
  await perform(lab, hosts, { kind: "start", host: db().name, service: "database" });
  await perform(lab, hosts, { kind: "start", host: db().name, service: "database" });
  await writes("after the stop");
  await writer.end();

  const found = await rowsOf(lab, [db()], "case-1");
  assert.ok((found[db().name]?.size ?? 0) > 20);
  assert.deepEqual(compareContents(writer.lines, found), { lost: [], differing: [], unexplained: [] });
  await removeRows(lab, db(), "case-1");
  assert.equal((await rowsOf(lab, [db()], "case-1"))[db().name]?.size, 0);
});

test("a database's data move to a small disk, which is filled and freed, and back as they are then; a full disk is never the machine's", async () => {
  const server = docker.getContainer(serviceName(lab, db(), "database"));
  const data = (await server.inspect()).Mounts.find(({ Destination }) => Destination === databasePaths.data)?.Source ?? "";
  const mounted = (): string[] =>
    readFileSync("/proc/self/mounts", "utf8")
      .split("\n")
      .filter((line) => line.includes(` ${dirname(data)}/`));
  const freeMib = async (): Promise<number> => Number(await runIn(lab, server.id, ["sh", "-c", `echo ${shellFreeMib}`]));
  const sql = (text: string): Promise<string> =>
    runIn(lab, server.id, ["mysql", "--no-defaults", `--socket=${databasePaths.socket}`, "-N", "-e", text], "0");
  const insert = (): Promise<string> => sql("INSERT INTO drill.kept VALUES ()");
  const rows = async (): Promise<number> => Number(await sql("SELECT COUNT(*) FROM drill.kept"));
  await until("the server serves", serves, 60_000);
  await sql("CREATE TABLE drill.kept (id INT AUTO_INCREMENT PRIMARY KEY)");
  await insert();
  await assert.rejects(perform(lab, hosts, { kind: "fill-disk", host: db().name }), /it is on the machine's own disk/);

  const faults = faultsOf(lab, hosts);
  await faults.act({ kind: "shrink-disk", host: db().name });
  await until("the server serves from the small disk", serves, 60_000);
  assert.equal(mounted().length, 1);
  assert.equal(await rows(), 1);
  assert.ok((await freeMib()) < 1100);
  await insert();
  await faults.act({ kind: "fill-disk", host: db().name });
  assert.ok((await freeMib()) <= Math.floor(spareMib(db()) / 2));
  // A drill that was killed: the next one takes it back.
  assert.deepEqual(await faultsOf(lab, hosts).undoAll(), []);
  await until("the server serves from its own disk", serves, 60_000);
  assert.deepEqual(mounted(), []);
  assert.equal(await rows(), 2);
  assert.deepEqual(
    readdirSync(dirname(data)).filter((name) => name.startsWith("drill")),
    [],
  );

  // Killed between the copy and its taking the data's place.
  await server.stop();
  renameSync(data, join(dirname(data), "drill-copy"));
  await perform(lab, hosts, { kind: "restore-disk", host: db().name });
  await until("the server serves again", serves, 60_000);
  assert.equal(await rows(), 2);
});

test("two hosts are cut off from each other only, and see each other again", async () => {
  const [one, other] = [first as Host, second as Host];
  const reaches = (from: Host, to: Host): Promise<boolean> =>
    runIn(lab, machineOf(lab, from), ["ping", "-c", "1", "-W", "1", to.addresses.storage]).then(
      () => true,
      () => false,
    );
  assert.equal(await reaches(one, other), true);
  const faults = faultsOf(lab, hosts);
  await faults.act({ kind: "separate", host: one.name, from: other.name });
  assert.deepEqual([await reaches(one, other), await reaches(other, one)], [false, false]);
  assert.deepEqual([await reaches(one, place.clientHost), await reaches(other, place.clientHost)], [true, true]);
  assert.deepEqual(await faults.undoAll(), []);
  assert.equal(await reaches(one, other), true);
});

test("the drill sees which host holds a VIP, and that a dead one holds none", async () => {
  const holder = first as Host;
  const { databaseVip } = place;
  const address = (verb: string): Promise<string> =>
    runIn(lab, machineOf(lab, holder), ["ip", "address", verb, `${databaseVip.address}/32`, "dev", "lo"]);
  assert.deepEqual(await holdersOf(lab, place.balancers, databaseVip.address), []);
  await address("add");
  assert.deepEqual(await holdersOf(lab, place.balancers, databaseVip.address), [holder.name]);
  await perform(lab, hosts, { kind: "power-off", host: holder.name });
  assert.deepEqual(await holdersOf(lab, place.balancers, databaseVip.address), []);
  await perform(lab, hosts, { kind: "power-on", host: holder.name });
});
