import assert from "node:assert/strict";
import { test } from "node:test";
import { compareFlows } from "../../../environments/model/flows/compare.ts";
import { findingsOf } from "../../../environments/model/flows/findings.ts";
import { flowTable } from "../../../environments/model/flows/table.ts";
import { topologyWith } from "./table.test.ts";

const unchanged = flowTable(topologyWith(() => {}));

test("a new port is a connection opened on both sites, a removed flow one closed", () => {
  const changed = flowTable(
    topologyWith((e) => {
      e.set("flows payments ports", [443, 8443]);
      e.remove("flows office-files");
    }),
  );
  const { opened, closed } = compareFlows(unchanged, changed, "zones");
  const payments = { to: "bank", plane: "business", protocol: "tcp", port: 8443, rows: ["payments"] };
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

test("findings name rows that nothing uses, that others permit already, and exceptions that end soon", () => {
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
  assert.deepEqual(
    findingsOf(
      topologyWith(() => {}),
      unchanged,
      "2026-11-20",
    ),
    [{ flow: "office-files", what: "permitted already by volumes" }],
  );
});
