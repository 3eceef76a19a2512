import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { crossingsOf } from "../../../environments/model/flows/crossings.ts";
import { flowTable } from "../../../environments/model/flows/table.ts";
import { loadEnvironment } from "../../../environments/model/load.ts";
import { crossZoneProblems, overlappingFlowProblems, vipPlaneProblems } from "../../../environments/model/rules/flows.ts";
import type { Environment } from "../../../environments/model/schema.ts";
import { planes } from "../../../environments/model/topology.ts";
import { topologyOf } from "../../../environments/model/topology-of.ts";

const lab = loadEnvironment("lab");

const zones = ["internet", "partner", "policy", "office"];
const ends = [...zones, "platform", "platform/database", "platform/nas", "customers", "bank"];
const exception = { owner: "Somebody", reason: "Needed", expires: "2027-12-31" };
const flows = fc.dictionary(
  fc.stringMatching(/^flow-[a-z]{1,6}$/),
  fc.record({
    from: fc.constantFrom(...ends),
    to: fc.constantFrom(...ends),
    plane: fc.constantFrom(...planes),
    protocol: fc.constantFrom("tcp" as const, "udp" as const),
    ports: fc.uniqueArray(fc.integer({ min: 1, max: 65535 }), { minLength: 1, maxLength: 3 }),
    purpose: fc.constant("Test"),
    owner: fc.constant("Test"),
    exception: fc.option(fc.constant(exception), { nil: undefined }),
  }),
  { maxKeys: 12 },
);

test("in every platform that the rules accept, each way to another zone's business plane leads through an exception", () => {
  let crossed = 0;
  fc.assert(
    fc.property(flows, (generated) => {
      const entries = Object.entries(generated).map(([name, { exception: given, ...flow }]) => [
        name,
        { ...flow, ...(given && { exception: given }) },
      ]);
      const environment: Environment = { ...lab, flows: Object.fromEntries(entries) };
      fc.pre([crossZoneProblems, overlappingFlowProblems, vipPlaneProblems].every((rule) => rule(environment).length === 0));
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
