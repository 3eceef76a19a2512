import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { crossingsOf } from "../../../environments/model/flows/crossings.ts";
import { flowTable } from "../../../environments/model/flows/table.ts";
import type { Environment } from "../../../environments/model/schema.ts";
import { topologyOf } from "../../../environments/model/topology-of.ts";
import { exception, lab, soundPlatforms } from "../generated.ts";

test("in every platform that the rules accept, each way to another zone's business plane leads through an exception", () => {
  let crossed = 0;
  fc.assert(
    fc.property(soundPlatforms, (environment) => {
      for (const { from, to, by } of crossingsOf(flowTable(topologyOf(environment)))) {
        crossed += 1;
        assert.notEqual(from, to);
        assert.ok(
          by.some((name) => environment.flows[name]?.exception),
          `${from} to ${to} by ${by.join(", ")}`,
        );
      }
    }),
    { numRuns: 120 },
  );
  assert.ok(crossed > 0, "no generated platform had a way between zones");
});

test("a single flow between zones is found, and so is one through a shared service", () => {
  const through = (to: string) =>
    ({ ...lab.flows["portal-quotes"], from: "platform", to, exception }) as Environment["flows"][string];
  const environment: Environment = { ...lab, flows: { ...lab.flows, relay: through("office") } };
  const found = crossingsOf(flowTable(topologyOf(environment))).map(({ from, to, by }) => `${from} to ${to} by ${by.join(", ")}`);
  assert.ok(found.includes("internet to policy by portal-quotes"));
  assert.ok(
    found.some((way) => /^policy to office by [a-z-]+, relay$/.test(way)),
    found.join("\n"),
  );
});
