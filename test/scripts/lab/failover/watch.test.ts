import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { SeenDatabase } from "../../../../scripts/lab/failover/database-watch.ts";
import { placeOf } from "../../../../scripts/lab/failover/places.ts";
import { type Seen, unwell } from "../../../../scripts/lab/failover/well.ts";
import { labTopology } from "../../../../scripts/lab/machines.ts";
import { startProgram } from "../../../../scripts/lab/programs.ts";
import { until } from "../../../support/until.ts";

type Page = (path: string) => Promise<[number, string]>;

async function healthPage(address: string, port: number, answers: Page): Promise<Server> {
  const server = createServer(async (request, response) => {
    const [code, text] = await answers(request.url ?? "");
    response.writeHead(code).end(`${text}\n`);
  });
  server.listen(port, address);
  await once(server, "listening");
  return server;
}

test("the watch sees who writes, when that changes and when two do at once, and which node is not well and why; it ends when it is told to", async (t) => {
  const directory = mkdtempSync(join(tmpdir(), "tandem-watch-"));
  let writers = ["db1"];
  const handover = { isNext: false, done: Promise.withResolvers<void>() };
  const page =
    (name: string): Page =>
    async (path) => {
      if (path !== "/writer") return name === "db2" ? [503, "not synced: Donor"] : [200, ""];
      // Both answers of one look say "writer": the first one gives the role away, the second one comes after that.
      if (handover.isNext && name === "db2") await handover.done.promise;
      const code = writers.includes(name) ? 200 : 503;
      if (handover.isNext && name === "db1") {
        writers = ["db2"];
        handover.done.resolve();
      }
      return [code, ""];
    };
  const first = await healthPage("127.0.0.1", 0, page("db1"));
  const { port } = first.address() as AddressInfo;
  const second = await healthPage("127.0.0.2", port, page("db2"));
  t.after(() => {
    for (const server of [first, second]) server.close();
    rmSync(directory, { recursive: true });
  });
  const nodes = ["db1", "db2", "db3"].map((name, index) => ({ name, address: `127.0.0.${index + 1}` }));
  const watch = startProgram<SeenDatabase>("failover/database-watch", { nodes, port }, { directory, name: "watch" });
  t.after(() => watch.end());
  await until("db1 writes", () => watch.lines.at(-1)?.writers[0] === "db1");
  assert.deepEqual(watch.lines.at(-1)?.unwell, { db2: "503 not synced: Donor", db3: `connect ECONNREFUSED 127.0.0.3:${port}` });
  handover.isNext = true;
  await until("db2 writes", () => watch.lines.at(-1)?.writers[0] === "db2");
  assert.deepEqual([...new Set(watch.lines.map(({ writers }) => String(writers)))], ["db1", "db2"]);
  handover.isNext = false;
  writers = ["db1", "db2"];
  await until("both write", () => watch.lines.at(-1)?.writers.length === 2);
  assert.equal(statSync(join(directory, readdirSync(directory)[0] ?? "")).mode & 0o777, 0o600);
  await watch.end();
  const count = watch.lines.length;
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(watch.lines.length, count);
});

const place = placeOf(labTopology({ slot: 0 }), "dc1");
const well: Seen = {
  containers: [
    {
      id: "1",
      name: "tandem-x-dc1-platform-db1-database",
      host: "dc1-platform-db1",
      isMachine: false,
      service: "database",
      state: "running",
    },
  ],
  database: { at: 0, writers: ["dc1-platform-db1"], unwell: {}, unwellAt: 0 },
  holders: { database: ["dc1-platform-lb1"], "kubernetes-api": ["dc1-platform-lb2"] },
  balancing: place.balancers.map(({ name }) => name),
  unready: {},
};

test("a site is well with one writer, each VIP on one balancer, and all containers, balancers and API servers at work", () => {
  assert.deepEqual(unwell(place, well), []);
  const [container] = well.containers;
  assert.ok(container && well.database);
  const bad: readonly [Partial<Seen>, string][] = [
    [
      { containers: [{ ...container, state: "exited" }] },
      "container tandem-x-dc1-platform-db1-database: exited; look: docker logs tandem-x-dc1-platform-db1-database",
    ],
    [
      { database: undefined },
      "database: its health pages can't be seen from dc1-platform-wk1; is that host up? npm run lab -- status",
    ],
    [{ database: { ...well.database, writers: [] } }, "database: 0 writers (none) where one is allowed"],
    [{ database: { ...well.database, writers: ["a", "b"] } }, "database: 2 writers (a, b) where one is allowed"],
    [{ database: { ...well.database, unwell: { db2: "503 starting" } } }, "db2: its health page says 503 starting"],
    [{ holders: { database: [] } }, "VIP database: held by nobody; look at keepalived's log on both"],
    [{ holders: { database: ["a", "b"] } }, "VIP database: held by a and b; look at keepalived's log on both"],
    [
      { balancing: ["dc1-platform-lb1"] },
      `dc1-platform-lb2: HAProxy does not answer on ${place.balancers[1]?.addresses.management}:8404`,
    ],
    [{ unready: { "dc1-platform-cp1": "500" } }, "dc1-platform-cp1: /readyz of its API server says 500"],
  ];
  for (const [change, message] of bad) assert.deepEqual(unwell(place, { ...well, ...change }), [message]);
  const other = { ...container, host: "dc2-platform-db1", state: "exited" };
  assert.deepEqual(unwell(place, { ...well, containers: [other] }), []);
});
