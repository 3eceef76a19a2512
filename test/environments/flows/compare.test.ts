import assert from "node:assert/strict";
import { test } from "node:test";
import { type Connection, compareFlows } from "../../../environments/model/flows/compare.ts";
import { findingsOf } from "../../../environments/model/flows/findings.ts";
import { flowTable } from "../../../environments/model/flows/table.ts";
import { topologyWith } from "../broken.ts";

const unchanged = flowTable(topologyWith(() => {}));

test("a new port is a connection opened on both sites, a removed flow one closed", () => {
  const changed = flowTable(
    topologyWith((e) => {
      e.set("flows payments ports", [443, 8443]);
      e.remove("flows office-files");
    }),
  );
  const { opened, closed } = compareFlows(unchanged, changed, "zones");
  const payments = { to: "bank 203.0.113.128/25", plane: "business", protocol: "tcp", port: 8443, rows: ["payments"] };
  assert.deepEqual(opened, [
    { from: "dc1-policy", ...payments },
    { from: "dc2-policy", ...payments },
  ]);
  // The platform's own row for volumes permits the same still.
  assert.deepEqual(closed, []);
});

test("a new worker opens nothing between zones, and its own addresses between hosts", () => {
  const grown = flowTable(
    topologyWith((e) => {
      for (const site of ["dc1", "dc2"]) e.set(`sites ${site} zones policy hosts worker wk4`, "r1");
    }),
  );
  assert.deepEqual(compareFlows(unchanged, grown, "zones"), { opened: [], closed: [] });
  const { opened, closed } = compareFlows(unchanged, grown, "hosts");
  assert.deepEqual(closed, []);
  assert.ok(opened.some(({ from, to, port }) => from === "10.20.40.27/32" && to === "bank 203.0.113.128/25" && port === 443));
  assert.ok(opened.every(({ from, to }) => /\.4[0-2]\.27\/32/.test(`${from} ${to}`)));
});

for (const level of ["zones", "hosts"] as const)
  test(`a network outside that grows or shrinks opens or closes those addresses, level ${level}`, () => {
    const wider = flowTable(topologyWith((e) => e.set("networks bank", ["203.0.113.0/24", "198.51.0.0/16"])));
    const banks = (connections: readonly Connection[]): Set<string> => new Set(connections.map(({ to }) => to));
    const grown = compareFlows(unchanged, wider, level);
    assert.deepEqual(banks(grown.opened), new Set(["bank 203.0.113.0/25", "bank 198.51.0.0/16"]));
    assert.deepEqual(grown.closed, []);
    const shrunk = compareFlows(wider, unchanged, level);
    assert.deepEqual([shrunk.opened, shrunk.closed], [[], grown.opened]);
    const all = flowTable(topologyWith((e) => e.set("networks bank", ["203.0.0.0/16"])));
    assert.deepEqual(
      banks(compareFlows(unchanged, all, level).opened),
      new Set(["bank 203.0.0.0-203.0.113.127", "bank 203.0.114.0-203.0.255.255"]),
    );
  });

test("other operators, name servers and clocks are connections opened and closed", () => {
  const changed = flowTable(
    topologyWith((e) => {
      e.set("operators", ["172.16.254.0/24"]);
      e.set("dns servers", ["172.16.0.54", "172.16.1.53"]);
      e.set("time servers", ["172.16.0.123", "172.16.1.123", "172.16.2.124"]);
    }),
  );
  const { opened, closed } = compareFlows(unchanged, changed, "zones");
  const outside = (connections: readonly Connection[]): string[] =>
    [...new Set(connections.map(({ from, to }) => (from.startsWith("operators") ? from : to)))].sort();
  assert.deepEqual(outside(opened), ["name servers 172.16.0.54/32", "operators 172.16.254.0/24", "time servers 172.16.2.124/32"]);
  assert.deepEqual(outside(closed), ["name servers 172.16.0.53/32", "operators 172.16.255.0/26", "time servers 172.16.2.123/32"]);
});

test("findings name rows that nothing uses, that others permit already, and exceptions that are over or soon will be", () => {
  const topology = topologyWith((e) => {
    e.set("flows portal-quotes exception expires", "2026-12-01");
    const workers = ["dc1", "dc2"].flatMap((site) => ["wk1", "wk2", "wk3"].map((wk) => `${site}-office-${wk}`));
    e.set("outOfService", Object.fromEntries(workers.map((name) => [name, "Moved"])));
  });
  assert.deepEqual(findingsOf(topology, flowTable(topology), "2026-11-20"), [
    { flow: "office-desk", what: "unused on dc1: no host in service is office" },
    { flow: "office-desk", what: "unused on dc2: no host in service is office" },
    { flow: "office-files", what: "unused on dc1: no host in service is office" },
    { flow: "office-files", what: "unused on dc2: no host in service is office" },
    { flow: "portal-quotes", what: "its exception ends on 2026-12-01; Head of core systems answers for it" },
  ]);
  assert.deepEqual(findingsOf(topology, flowTable(topology), "2026-12-02").at(-1), {
    flow: "portal-quotes",
    what: "its exception is over since 2026-12-01; Head of core systems answers for it",
  });
  assert.deepEqual(
    findingsOf(
      topologyWith(() => {}),
      unchanged,
      "2026-11-20",
    ),
    [{ flow: "office-files", what: "permitted already by volumes" }],
  );
});
