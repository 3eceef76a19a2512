import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { before, test } from "node:test";
import type { Host } from "../../../../environments/model/topology.ts";
import type { Session } from "../../../../scripts/lab/failover/session.ts";
import { afterAlways } from "../../../support/interrupted.ts";
import { until } from "../../../support/until.ts";
import type { Ground } from "./site.ts";

// A lab of its own, without gateways: one database server, one API server on kine in it, and a host that hands connections on from both VIPs.
const home = mkdtempSync(join(tmpdir(), "tandem-drill-test-"));
process.env["XDG_STATE_HOME"] = home;
process.env["TANDEM_LAB_INSTANCE"] = `drill-${process.pid}`;
const { kubeconfigOf, makeGround, pem, startApi, startKine, startRelay, startServer, startService } = await import("./site.ts");
const { takeDown } = await import("../../../../scripts/lab/down.ts");
const { labTopology } = await import("../../../../scripts/lab/machines.ts");
const { runIn } = await import("../../../../scripts/lab/run-in.ts");
const { chosenCases, conclude } = await import("../../../../scripts/lab/failover/drill.ts");
const { drillCase } = await import("../../../../scripts/lab/failover/drill-case.ts");
const { machineOf } = await import("../../../../scripts/lab/failover/faults.ts");
const { startWatch, waitWell } = await import("../../../../scripts/lab/failover/session.ts");

let ground: Ground;
let session: Session;
const interruption = new AbortController();

before(async () => {
  ground = await makeGround(home, ({ databases, balancers, controlPlane, clientHost }) => [
    ...[databases[0], balancers[0], controlPlane[0]],
    clientHost,
  ]);
  const { lab, place, hosts } = ground;
  const [database, balancer, api] = [place.databases[0], place.balancers[0], place.controlPlane[0]] as [Host, Host, Host];
  const { databaseVip, apiVip } = place;
  for (const vip of [databaseVip, apiVip])
    await runIn(lab, machineOf(lab, balancer), ["ip", "address", "add", `${vip.address}/32`, "dev", `${vip.plane}0`]);
  await startService(ground, database, "database", "database", startServer(database.addresses.storage));
  const ways = [
    { from: `${databaseVip.address}:3306`, to: `${database.addresses.storage}:3306` },
    { from: `${apiVip.address}:6443`, to: `${api.addresses.management}:6443` },
    { from: `${balancer.addresses.management}:8404`, to: `${api.addresses.management}:6443` },
  ];
  await startService(ground, balancer, "haproxy", "database", startRelay(...ways));
  // Each of these ends when the one before it does not answer yet, and is started again later and later.
  const crossing = { ...place.crossing, gateways: [] };
  const small = { ...place, databases: [database], balancers: [balancer], controlPlane: [api], crossing };
  const watch = await startWatch(lab, small, home);
  await until("the database serves", () => watch.lines.at(-1)?.writers.length === 1, 60_000);
  await startService(ground, api, "kine", "kine", startKine(place));
  await startService(ground, api, "kube-apiserver", "kube-apiserver", startApi(api.addresses.management));
  const credentials = {
    ...{ authority: pem(ground, "ca.crt"), certificate: pem(ground, "drill.crt"), key: pem(ground, "drill.key") },
    kubeconfig: kubeconfigOf(ground),
  };
  session = {
    ...{ lab, topology: labTopology(lab), place: small, hosts, credentials, directory: home },
    ...{ watch, signal: interruption.signal },
  };
});

afterAlways(async () => {
  try {
    await session?.watch.end();
    await takeDown(() => {});
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
});

test("a case waits until the site is well, breaks it while clients write, and says what they saw and what is left", async () => {
  assert.deepEqual(await waitWell(session, 120, () => {}), []);
  const [one] = chosenCases(["kill-writer"]);
  assert.ok(one);
  const said: string[] = [];
  const result = await drillCase(session, one, "kill-writer-1", (text) => void said.push(text));
  const { clients, ...run } = result;
  const server = session.place.databases[0]?.name;
  assert.ok(said.includes(`kill mysqld on ${server}`), said.join("\n"));
  for (const client of [clients.rows, clients.objects]) {
    assert.ok(client);
    const { observed, acknowledged, unknown, failed, ...rest } = client;
    assert.ok((observed ?? 0) > 0 && acknowledged > 20 && unknown >= 0 && failed >= 0, JSON.stringify(client));
    assert.deepEqual(rest, { lost: 0, differing: 0, unexplained: 0 });
  }
  assert.ok((run.healedSeconds ?? 0) > 0);
  assert.deepEqual(
    { ...run, healedSeconds: 0 },
    { writerChanges: 0, twoWriters: 0, revisions: { holes: 0, filled: 0 }, healedSeconds: 0, remains: [] },
  );

  const shown: string[] = [];
  await conclude(session, [one], new Map([[one.name, [result]]]), "2026-11-21T18:00:00.000Z", (line) => void shown.push(line));
  const file = join(home, "tandem", "failover", "2026-11-21T180000-dc1.md");
  assert.match(shown.join("\n"), /│ kill-writer │ rows .*\n(.*\n)*Written to .*2026-11-21T180000-dc1\.md$/);
  assert.match(
    readFileSync(file, "utf8"),
    /^# Failover of dc1\n\nStarted 2026-11-21T18:00:00.000Z, availability fast, configuration [0-9a-f]{16}\.\n/,
  );
});

test("a drill that is interrupted continues the server that it had stopped", async () => {
  const [one] = chosenCases(["hang-writer"]);
  assert.ok(one);
  const { lab, place } = session;
  const container = `${machineOf(lab, place.databases[0] as Host)}-database`;
  const { State } = await ground.docker.getContainer(container).inspect();
  const state = (): string => readFileSync(`/proc/${State.Pid}/stat`, "utf8").split(") ")[1]?.[0] ?? "";
  const drilled = drillCase(session, one, "hang-writer-1", () => {});
  const ended = assert.rejects(drilled, /abort|interrupted/i);
  await until("the server is stopped", () => state() === "T", 60_000);
  interruption.abort(new Error("interrupted"));
  await ended;
  await until("the server goes on", () => state() !== "T");
});
