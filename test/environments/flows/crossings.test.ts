import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { crossingsOf } from "../../../environments/model/flows/crossings.ts";
import { type FlowRow, flowTable } from "../../../environments/model/flows/table.ts";
import type { Environment } from "../../../environments/model/schema.ts";
import { type Plane, planes, platformZone } from "../../../environments/model/topology.ts";
import { topologyOf } from "../../../environments/model/topology-of.ts";
import { exception, lab, soundPlatforms } from "../generated.ts";

/** Pairs of business zones, as in `internet to policy`, of which the rows lead from one to the other: from each zone all rows again and again, until nothing new is reached. */
function pairsByRows(rows: readonly FlowRow[]): Set<string> {
  const passing = rows.filter(({ source, to, plane, protocol }) => {
    const asksHosts = source === "platform" && plane === "management" && to.zone !== platformZone;
    return protocol !== "vrrp" && !asksHosts;
  });
  const starts = new Set(rows.flatMap(({ from }) => (from.zone === undefined ? [] : [JSON.stringify([from.site, from.zone])])));
  const pairs = new Set<string>();
  for (const start of starts) {
    const reached = new Set([start]);
    for (let before = 0; before < reached.size; ) {
      before = reached.size;
      for (const { from, to } of passing)
        if (to.zone !== undefined && reached.has(JSON.stringify([from.site, from.zone])))
          reached.add(JSON.stringify([to.site, to.zone]));
    }
    const zoneOf = (place: string): string => (JSON.parse(place) as string[])[1] ?? "";
    for (const place of reached) {
      const [from, to] = [zoneOf(start), zoneOf(place)];
      if (from !== to && from !== platformZone && to !== platformZone) pairs.add(`${from} to ${to}`);
    }
  }
  return pairs;
}

test("in every platform that the rules accept, nothing leads from zone to zone but by exceptions, and each pair of zones that they join is found", () => {
  let joined = 0;
  fc.assert(
    fc.property(soundPlatforms, (environment) => {
      const rows = flowTable(topologyOf(environment));
      assert.deepEqual([...pairsByRows(rows.filter((row) => !row.exception))], []);
      const pairs = pairsByRows(rows);
      joined += pairs.size;
      assert.deepEqual(new Set(crossingsOf(rows).map(({ from, to }) => `${from} to ${to}`)), pairs);
    }),
    { numRuns: 120 },
  );
  assert.ok(joined > 0, "no generated platform had a way between zones");
});

test("what the platform's own services ask of other zones' hosts, and is no way into them, is on the management plane", () => {
  const asked = flowTable(topologyOf(lab)).filter(
    ({ source, from, to }) => source === "platform" && from.zone === platformZone && (to.zone ?? platformZone) !== platformZone,
  );
  assert.deepEqual(
    new Set(asked.map(({ name, plane, ports }) => `${name}, ${plane} ${ports}`)),
    new Set(["kubelet, management 10250", "node-metrics, management 10250", "host-metrics, management 9100"]),
  );
});

/** The ways of the lab with one more flow, an exception, as the command prints them. */
function waysWith(from: string, to: string, plane: Plane): string[] {
  const more = { ...lab.flows["portal-quotes"], exception, from, to, plane } as Environment["flows"][string];
  return crossingsOf(flowTable(topologyOf({ ...lab, flows: { ...lab.flows, more } })))
    .map((way) => `${way.from} to ${way.to} by ${way.by.join(", ")}`)
    .sort();
}

for (const plane of planes)
  test(`a single flow between zones is found on plane ${plane}, and so are chains of exceptions`, () => {
    assert.deepEqual(waysWith("policy", "office", plane), [
      "internet to office by portal-quotes, more",
      "internet to policy by portal-quotes",
      "partner to office by partner-claims, more",
      "partner to policy by partner-claims",
      "policy to office by more",
    ]);
  });

for (const plane of planes)
  test(`a way through a shared service into a zone's plane ${plane} is found from every zone: all reach the service`, () => {
    assert.deepEqual(waysWith("platform", "office", plane), [
      "internet to office by kubernetes-api, more",
      "internet to policy by portal-quotes",
      "partner to office by partner-data, more",
      "partner to policy by partner-claims",
      "policy to office by policy-data, more",
    ]);
  });
