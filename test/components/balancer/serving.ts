import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { request } from "node:https";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { servicePaths } from "../../../components/balancer/balancer.render.ts";
import { renderVip } from "../../../components/balancer/keepalived.render.ts";
import { renderService } from "../../../components/balancer/service.render.ts";
import type { Vip } from "../../../environments/model/topology.ts";
import { until } from "../../support/until.ts";
import { Client, reached } from "./client.ts";
import * as it from "./pair.ts";
import { lb1, lb2, logged, pair, servers, timings, zone } from "./session.ts";

// What a pair does while nothing is broken.

export const vipNamed = (name: string): Vip => {
  const vip = zone.vips.find((each) => each.name === name);
  assert.ok(vip);
  return vip;
};
export const databasePort = 3306;
const devices = { business: "eth0", management: "eth1", storage: "eth2" } as const;

const databaseText = () =>
  renderService({
    vip: vipNamed("database"),
    port: databasePort,
    servers: servers.databases,
    ...{ serves: "one", check: { scheme: "http", port: 0, path: "/writer" } },
    // Both play on one address, so each has a health page on a port of its own.
  }).replace(/(server (\w+) .*) check port 0/g, (_, server: string, name: string) => {
    return `${server} check port ${servers.databases.find((each) => each.name === name)?.health}`;
  });

/** As an `up` adds a service: on one host after the other, HAProxy first. */
async function addVip(vip: Vip, service: string): Promise<void> {
  for (const host of [lb2, lb1]) {
    await it.write(pair, host, servicePaths(vip).haproxy, service, "haproxy");
    const peers = pair.hosts.filter((peer) => peer !== host);
    const text = renderVip(vip, host, peers, devices[vip.plane], timings);
    await it.write(pair, host, servicePaths(vip).keepalived, text, "keepalived");
  }
}

export const workerOf = (host: typeof lb1): Promise<string> =>
  it.onHost(pair, host, "curl --silent --max-time 1 http://127.0.0.1:8405/");

test("both hosts' HAProxy and keepalived boot from what is rendered, before there is any VIP", () =>
  logged(async () => {
    for (const host of [lb1, lb2])
      await until(
        `${host.name} serves`,
        async () => (await it.onHost(pair, host, "curl -s http://127.0.0.1:8405/ && pgrep -x keepalived").catch(() => "")) !== "",
        30_000,
      );
  }));

test("a VIP that is added later comes to one of the hosts and leads to the server that calls itself the writer", () =>
  logged(async () => {
    const vip = vipNamed("database");
    const containers = await Promise.all(pair.hosts.map((host) => it.partOf(pair, host, "haproxy").inspect()));
    await addVip(vip, databaseText());
    await until("one host holds the VIP", async () => (await it.holders(pair, vip.address)).length === 1);
    await until("the writer is reached", async () => (await reached(vip.address, databasePort)) === "db1");
    const now = await Promise.all(pair.hosts.map((host) => it.partOf(pair, host, "haproxy").inspect()));
    assert.deepEqual(
      now.map(({ Id, State }) => [Id, State.StartedAt]),
      containers.map(({ Id, State }) => [Id, State.StartedAt]),
    );
  }));

test("a second VIP leaves the connections of the first one alone, and TLS checks believe only a certificate that names the server", () =>
  logged(async () => {
    const { client } = await Client.open(vipNamed("database").address, databasePort);
    const vip = vipNamed("kubernetes-api");
    await addVip(
      vip,
      renderService({ vip, port: 6443, servers: servers.apis, check: { scheme: "https", path: "/readyz" }, serves: "all" }),
    );
    await until("one host holds the VIP", async () => (await it.holders(pair, vip.address)).length === 1);
    await until("the API answers", async () => (await api(vip)) === "cp1");
    const answers = new Set<string>();
    for (let n = 0; n < 10; n++) answers.add(await api(vip));
    assert.deepEqual([...answers], ["cp1"]);
    assert.equal(await client.says("still here"), "still here");
    await client.close();
  }));

const api = (vip: Vip): Promise<string> => get(vip.address, 6443, "/readyz", "cp1").catch((error: Error) => error.message);

/** The body where the status is 200, else the status. */
const get = (host: string, port: number, path: string, servername: string, auth?: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const ca = readFileSync(join(servers.authority, "ca.crt"));
    request({ host, port, path, servername, ca, ...(auth && { auth }), agent: false, timeout: 3000 }, async (response) =>
      resolve(response.statusCode === 200 ? await text(response) : String(response.statusCode)),
    )
      .on("error", reject)
      .end();
  });

const page = (path: string, auth = `monitoring:${it.statisticsPassword}`, host = lb1): Promise<string> =>
  get(host.addresses.management, 8404, path, "localhost", auth);

/** What each balancer knows of a server: a column of its statistics. */
const known = (server: string, column: string): Promise<(string | undefined)[]> =>
  Promise.all(
    pair.hosts.map(async (host) => {
      const [names = [], ...rows] = (await page("/;csv", undefined, host)).split("\n").map((line) => line.split(","));
      return rows.find((row) => row[1] === server)?.[names.indexOf(column)];
    }),
  );

test("a connection that a server refuses is handed to another one, and brings its checks forward", () =>
  logged(async () => {
    const vip = vipNamed("kubernetes-api");
    servers.mortal.ready = true;
    await until("both balancers know the third server", async () => (await known("cp3", "status")).every((is) => is === "UP"));
    servers.mortal.die();
    const answers = await Promise.all(Array.from({ length: 20 }, () => api(vip)));
    assert.deepEqual([...new Set(answers)], ["cp1"]);
    // What HAProxy saw fail besides its checks.
    const seen = await known("cp3", "hanafail");
    assert.ok(seen.some(Number), `refusals that each balancer saw: ${seen.join(", ")}`);
    await until("both balancers left it", async () => (await known("cp3", "status")).every((is) => is === "DOWN"));
  }));

test("status page and metrics are on the management plane alone, over TLS, for who has the password", () =>
  logged(async () => {
    assert.equal(await page("/metrics", ""), "401");
    assert.equal(await page("/", "monitoring:wrong"), "401");
    assert.match(await page("/metrics"), /haproxy_server_status\{proxy="database",server="db1",state="UP"\} 1/);
    assert.match(await page("/"), /Statistics Report/);
    for (const plane of ["business", "storage"] as const)
      await assert.rejects(get(lb1.addresses[plane], 8404, "/metrics", "localhost"), /ECONNREFUSED/);
  }));

test("a reload loses no established connection, and the same text again is no reload", () =>
  logged(async () => {
    const vip = vipNamed("database");
    const { client } = await Client.open(vip.address, databasePort);
    for (const host of [lb2, lb1]) {
      const before = await workerOf(host);
      await it.write(pair, host, servicePaths(vip).haproxy, `${databaseText()}# changed\n`, "haproxy");
      assert.notEqual(await workerOf(host), before);
      const after = await workerOf(host);
      await it.write(pair, host, servicePaths(vip).haproxy, `${databaseText()}# changed\n`, "haproxy");
      assert.equal(await workerOf(host), after);
    }
    assert.equal(await client.says("still here"), "still here");
    await client.close();
    assert.equal(await reached(vip.address, databasePort), "db1");
  }));

test("an unsound configuration is refused with its parser's message, and the one before it serves on", () =>
  logged(async () => {
    const vip = vipNamed("database");
    for (const host of pair.hosts) {
      const before = await workerOf(host);
      await assert.rejects(
        it.write(pair, host, servicePaths(vip).haproxy, databaseText().replace("balance", "ballance"), "haproxy"),
        /unknown keyword 'ballance'[\s\S]*the content before it is back/,
      );
      assert.equal(await workerOf(host), before);
      const peers = pair.hosts.filter((peer) => peer !== host);
      const sound = renderVip(vip, host, peers, devices[vip.plane], timings);
      await assert.rejects(
        it.write(
          pair,
          host,
          servicePaths(vip).keepalived,
          sound.replace(/virtual_router_id \d+/, "virtual_router_id 999"),
          "keepalived",
        ),
        /999[\s\S]*the content before it is back/,
      );
    }
    assert.equal((await it.holders(pair, vip.address)).length, 1);
    assert.equal(await reached(vip.address, databasePort), "db1");
  }));

test("no connection passes while two servers call themselves the writer", () =>
  logged(async () => {
    const vip = vipNamed("database");
    const { client } = await Client.open(vip.address, databasePort);
    servers.writer = "both";
    await until("nobody is let in", async () => (await reached(vip.address, databasePort)) === "none");
    assert.equal(await client.says("still here"), "still here");
    servers.writer = "db1";
    await until("the writer is reached", async () => (await reached(vip.address, databasePort)) === "db1");
    await client.close();
  }));

test("after a reload no connection reaches a server that is not the writer, not even the first one", () =>
  logged(async () => {
    const vip = vipNamed("database");
    const [name] = await it.holders(pair, vip.address);
    const host = name === lb1.shortName ? lb1 : lb2;
    let done = false;
    const written = it.write(pair, host, servicePaths(vip).haproxy, `${databaseText()}# again\n`, "haproxy").finally(() => {
      done = true;
    });
    const answers = new Set<string>();
    while (!done) answers.add(await reached(vip.address, databasePort));
    await written;
    for (let n = 0; n < 100; n++) answers.add(await reached(vip.address, databasePort));
    assert.ok(answers.has("db1") && !answers.has("db2"), [...answers].join());
  }));

test("a connection that outlived a reload is ended when the writer changes", () =>
  logged(async () => {
    const vip = vipNamed("database");
    const { client } = await Client.open(vip.address, databasePort);
    for (const host of [lb2, lb1]) await it.write(pair, host, servicePaths(vip).haproxy, databaseText(), "haproxy");
    assert.equal(await client.says("still here"), "still here");
    servers.writer = "db2";
    await until("the new writer is reached", async () => (await reached(vip.address, databasePort)) === "db2");
    await until("the old connection is ended", () => client.closed);
    servers.writer = "db1";
    await until("the writer is reached", async () => (await reached(vip.address, databasePort)) === "db1");
  }));

test("when the writer changes, connections to the one before are ended and new ones reach the new one", () =>
  logged(async () => {
    const vip = vipNamed("database");
    const { client } = await Client.open(vip.address, databasePort);
    servers.writer = "db2";
    await until("the new writer is reached", async () => (await reached(vip.address, databasePort)) === "db2");
    await until("the old connection is ended", () => client.closed);
  }));
