import assert from "node:assert/strict";
import { test } from "node:test";
import { answer, placeOf } from "../../../environments/model/flows/reach.ts";
import { flowTable } from "../../../environments/model/flows/table.ts";
import { loadEnvironment } from "../../../environments/model/load.ts";
import type { Plane } from "../../../environments/model/topology.ts";
import { topologyOf } from "../../../environments/model/topology-of.ts";

const topology = topologyOf(loadEnvironment("reference"));
const rows = flowTable(topology);

function ask(from: string, to: string, port: number, plane: Plane = "business") {
  const [source, target] = [placeOf(topology, from, plane), placeOf(topology, to, plane)];
  assert.ok(source && target, `${from}, ${to}`);
  const { rows: permitting, ...rest } = answer(rows, { from: source, to: target, plane, protocol: "tcp", port });
  return { by: permitting.map(({ name }) => name), ...rest };
}

const dropped = "what no row permits is dropped";

test("a permitted connection between zones passes both zones' gateways", () => {
  assert.deepEqual(ask("dc1-internet-wk1", "dc1-policy-wk2", 8443), {
    by: ["portal-quotes"],
    gateways: ["dc1-internet", "dc1-policy"],
  });
  assert.deepEqual(ask("dc1-policy-wk1", "dc1-platform/database", 3306, "storage").by, ["policy-data"]);
});

test("a zone alone is where its applications run: any of its workers in service", () => {
  assert.deepEqual(ask("dc1-internet", "dc1-policy", 8443), ask("dc1-internet-wk1", "dc1-policy-wk2", 8443));
  assert.deepEqual(ask("dc1-office", "dc1-platform/database", 3306, "storage").by, []);
  const without = topologyOf({ ...loadEnvironment("reference"), outOfService: { "dc1-policy-wk1": "Broken" } });
  assert.deepEqual(placeOf(without, "dc1-policy", "business")?.hosts, ["dc1-policy-wk2"]);
  assert.equal(placeOf(without, "dc1-nowhere", "business"), undefined);
});

test("from outside it passes the gateways of the zone that it goes to", () => {
  assert.deepEqual(ask("customers", "dc1-internet-wk1", 8441), { by: ["customer-portal"], gateways: ["dc1-internet"] });
});

test("to the other site it passes both platform zones, who hold the link", () => {
  const zones = ["dc1-internet", "dc1-platform", "dc2-platform", "dc2-policy"];
  assert.deepEqual(ask("dc1-internet-wk1", "dc2-policy-wk1", 8443), {
    by: [],
    gateways: zones,
    stoppedBy: `the gateways of dc1-internet: ${dropped}`,
  });
  assert.deepEqual(ask("dc2-platform-db1", "dc1-platform/database", 3306, "storage"), {
    by: ["database-replication"],
    gateways: ["dc2-platform", "dc1-platform"],
  });
});

test("what is stopped says where: a gateway, the host's own rules, or nobody there", () => {
  assert.equal(ask("dc1-internet-wk1", "dc1-policy-wk2", 8444).stoppedBy, `the gateways of dc1-internet: ${dropped}`);
  assert.equal(ask("customers", "dc1-policy-wk1", 443).stoppedBy, `the gateways of dc1-policy: ${dropped}`);
  assert.equal(ask("dc1-policy-wk1", "dc1-policy-wk2", 22).stoppedBy, `the rules of dc1-policy-wk2: ${dropped}`);
  assert.equal(ask("dc1-policy-wk1", "10.20.40.60", 443).stoppedBy, "nobody: no host has 10.20.40.60");
});

test("a network outside is nobody of the platform, however wide it is", () => {
  // The customers' network is every address there is.
  assert.deepEqual(ask("dc1-office-wk1", "dc1-internet-wk1", 443).by, []);
});

test("an end is found by name, by VIP, by address and by network, each in its plane; anything else is nothing", () => {
  assert.equal(placeOf(topology, "dc1-policy-wk1", "storage")?.address, "10.20.42.24");
  assert.equal(placeOf(topology, "10.20.42.24", "storage")?.label, "dc1-policy-wk1");
  assert.equal(placeOf(topology, "10.20.12.7", "storage")?.label, "dc1-platform/database");
  assert.deepEqual(placeOf(topology, "bank", "business"), { label: "bank", address: "203.0.113.128" });
  assert.equal(placeOf(topology, "dc1-platform/database", "business"), undefined);
  assert.equal(placeOf(topology, "nobody", "business"), undefined);
});
