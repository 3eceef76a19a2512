import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { loadEnvironment } from "../../../environments/model/load.ts";
import { type Failure, failures, outageClients, outageOf, outageSeconds } from "../../../environments/model/outages.ts";
import { timingsOf } from "../../../environments/model/timings.ts";
import { availabilityModes } from "../../../environments/model/topology.ts";
import { topologyOf } from "../../../environments/model/topology-of.ts";
import { renderOutages } from "../../../scripts/env/outages.ts";
import { matchesGolden } from "../../support/golden.ts";

const topology = topologyOf(loadEnvironment("reference"));
const all = Object.keys(failures) as Failure[];

test("a reviewer sees the longest outage of each single failure, and what it is made of, in every availability mode", () => {
  for (const availability of availabilityModes) {
    const shown = renderOutages({ ...topology, availability, timings: timingsOf(availability) });
    matchesGolden(shown, join(import.meta.dirname, "golden", `outages-${availability}.txt`));
  }
});

test("an outage is the sum of its parts, each of which takes time", () => {
  for (const availability of availabilityModes)
    for (const failure of all)
      for (const client of outageClients) {
        const outage = outageOf(failure, timingsOf(availability));
        const parts = outage[client] ?? [];
        assert.ok(parts.every(({ seconds }) => seconds > 0));
        const sum = parts.reduce((total, { seconds }) => total + seconds, 0);
        assert.ok(Math.abs(outageSeconds(outage, client) - sum) < 1e-9, `${failure} ${client}`);
      }
});

test("a faster mode never has the longer outage", () => {
  for (const failure of all)
    for (const client of outageClients) {
      const [fast = 0, norm = 0, safe = 0] = availabilityModes.map((mode) =>
        outageSeconds(outageOf(failure, timingsOf(mode)), client),
      );
      assert.ok(fast <= norm && norm <= safe, `${failure} ${client}: ${fast} ${norm} ${safe}`);
    }
});

test("what no client's path leads through, no client feels", () => {
  assert.deepEqual(
    outageClients.map((client) => outageSeconds(outageOf("bystander", timingsOf("safe")), client)),
    outageClients.map(() => 0),
  );
});
