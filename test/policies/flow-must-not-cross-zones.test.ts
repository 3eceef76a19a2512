import type { Flow } from "../../environments/model/topology.ts";
import { rule } from "../../policies/rules/flow-must-not-cross-zones.ts";
import { reference, ruleTests } from "./judging.ts";
import { container } from "./shown.ts";

const flow = (expires: string): Flow => ({
  ...{ name: "claims-to-portal", from: "policy", to: "internet", plane: "business", protocol: "tcp", ports: [443] },
  ...{ purpose: "Claims", owner: "Claims", exception: { owner: "Head of claims", reason: "No other way", expires } },
});
const situation = (expires: string, zone = "policy") => ({
  ...{ stack: `reference-dc1-${zone}`, topology: { ...reference, flows: [flow(expires)] }, today: "2026-11-30" },
});

ruleTests(rule, {
  refuses: [
    ["a flow whose exception is over", [container()], "flow claims-to-portal, policy to internet: ", situation("2026-11-29")],
  ],
  permits: [
    ["a flow on the last day of its exception", [container()], situation("2026-11-30")],
    ["one of other zones", [container()], situation("2026-11-29", "office")],
  ],
  waitsFor: [],
});
