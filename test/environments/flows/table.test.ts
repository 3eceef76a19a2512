import assert from "node:assert/strict";
import { test } from "node:test";
import { addressNumber, parseNetwork } from "../../../environments/model/addresses.ts";
import { flowTable, rowsByZone } from "../../../environments/model/flows/table.ts";
import { loadEnvironment, platforms } from "../../../environments/model/load.ts";
import { controlPlanePorts, databasePorts, platformPorts } from "../../../environments/model/ports.ts";
import { readEnvironment } from "../../../environments/model/read-environment.ts";
import type { Topology } from "../../../environments/model/topology.ts";
import { topologyOf } from "../../../environments/model/topology-of.ts";
import { platformText } from "../../../scripts/bench/model.ts";
import { topologyWith } from "../broken.ts";

const reference = (): Topology => topologyOf(loadEnvironment("reference"));

for (const platform of platforms())
  test(`${platform}: every end inside the platform lies in its zone's network of the row's plane`, () => {
    const topology = topologyOf(loadEnvironment(platform));
    const zones = topology.sites.flatMap((site) => site.zones);
    const ends = flowTable(topology).flatMap(({ from, to, plane }) => [from, to].map((end) => ({ ...end, plane })));
    assert.ok(ends.length > 100);
    for (const { site, zone, cidrs, plane } of ends) {
      if (site === undefined) continue;
      const network = parseNetwork(zones.find((one) => one.site === site && one.name === zone)?.planes[plane].cidr ?? "");
      for (const cidr of cidrs) {
        const address = addressNumber(cidr.replace("/32", "")) ?? 0;
        assert.ok(network && address > network.first && address < network.last, `${cidr} in ${site}-${zone} ${plane}`);
      }
    }
  });

test("every port of the platform that is not on loopback alone is permitted to somebody", () => {
  const open = new Set(flowTable(reference()).flatMap(({ ports }) => ports));
  const served = [...Object.values(databasePorts), ...Object.values(platformPorts), controlPlanePorts.api];
  assert.deepEqual(
    served.filter((port) => !open.has(port)),
    [],
  );
  const loopback = [
    controlPlanePorts.kine,
    controlPlanePorts.kineMetrics,
    controlPlanePorts.scheduler,
    controlPlanePorts.controllerManager,
  ];
  assert.deepEqual(
    loopback.filter((port) => open.has(port)),
    [],
  );
});

test("both sites have the same rows, but for what only one of them sends to the other", () => {
  const rows = flowTable(reference());
  const namesOf = (site: string) =>
    rows
      .filter(({ from, to }) => (from.site ?? to.site) === site)
      .map(({ name, plane, protocol }) => `${name} ${plane} ${protocol}`);
  assert.deepEqual(namesOf("dc1"), namesOf("dc2"));
});

test("a zone stands for its workers, and a name that a role and a VIP share for the VIP", () => {
  const row = flowTable(reference()).find(({ name }) => name === "policy-data");
  assert.deepEqual(row?.from.hosts, ["dc1-policy-wk1", "dc1-policy-wk2", "dc1-policy-wk3"]);
  assert.deepEqual(row?.to.cidrs, ["10.20.12.7/32"]);
  assert.deepEqual(row?.to.hosts, ["dc1-platform-lb1", "dc1-platform-lb2"]);
});

test("a host that is out of service has no part in any row", () => {
  const topology = topologyWith((e) => e.set("outOfService", { "dc1-policy-wk2": "Board broken" }));
  const hosts = flowTable(topology).flatMap(({ from, to }) => [...from.hosts, ...to.hosts]);
  assert.ok(hosts.includes("dc1-policy-wk1"));
  assert.ok(!hosts.includes("dc1-policy-wk2"));
});

test("a zone's gateways have to do with the rows of its own hosts, and the platform zones' with all that pass between sites", () => {
  const table = flowTable(reference());
  const [policy] = table.filter(({ name }) => name === "portal-quotes");
  assert.ok(policy);
  const other = { ...policy, to: { ...policy.to, site: "dc2" } };
  assert.deepEqual([...rowsByZone([policy]).keys()], ["dc1-internet", "dc1-policy"]);
  assert.deepEqual([...rowsByZone([other]).keys()], ["dc1-internet", "dc1-platform", "dc2-policy", "dc2-platform"]);
});

test("rules of gateways are made of as many rows in a platform of many zones as in one of few", () => {
  const [few, many] = [10, 20].map((zones) =>
    rowsByZone(flowTable(topologyOf(readEnvironment(platformText(zones), "test.yaml"))))
      .get("dc1-zone2")
      ?.map(({ name }) => name),
  );
  assert.ok(few && few.length > 10);
  assert.deepEqual(few, many);
});
