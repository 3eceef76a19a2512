import fc from "fast-check";
import { loadEnvironment } from "../../environments/model/load.ts";
import { crossZoneProblems, overlappingFlowProblems, vipPlaneProblems } from "../../environments/model/rules/flows.ts";
import { nodePortProblems } from "../../environments/model/rules/node-ports.ts";
import type { Environment } from "../../environments/model/schema.ts";
import { planes } from "../../environments/model/topology.ts";

// Platforms with the lab's hosts and flows of any kind, sound ones: what the rules refuse never reaches a table.

export const lab = loadEnvironment("lab", { slot: 0 });

const zones = ["internet", "partner", "policy", "office"];
const ends = [...zones, "platform", "platform/database", "platform/nas", "customers", "bank"];

export const exception = { owner: "Somebody", reason: "Needed", expires: "2027-12-31" };

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

const rules = [crossZoneProblems, overlappingFlowProblems, vipPlaneProblems, nodePortProblems];

/** What the rules refuse is left out, flow by flow. */
export const soundPlatforms: fc.Arbitrary<Environment> = flows.map((generated) => {
  let environment: Environment = { ...lab, flows: {} };
  for (const [name, { exception: given, ...flow }] of Object.entries(generated)) {
    const added = { ...flow, ...(given && { exception: given }) };
    const wider = { ...environment, flows: { ...environment.flows, [name]: added } };
    if (rules.every((rule) => rule(wider).length === 0)) environment = wider;
  }
  return environment;
});
