import { rule } from "../../policies/rules/pod-must-limit-resources.ts";
import { ruleTests, unknown } from "./judging.ts";
import { deployment } from "./shown.ts";

const of = (resources?: object) => [deployment({ resources })];

ruleTests(rule, {
  refuses: [
    [
      "a container that says nothing",
      of(),
      "spec.template.spec.containers[0].resources: container quotes doesn't say all of what it needs and may take; given no requests.cpu, requests.memory, limits.memory",
    ],
    [
      "one without a limit of memory",
      of({ requests: { cpu: "1", memory: "1Gi" } }),
      "spec.template.spec.containers[0].resources: container quotes doesn't say all of what it needs and may take; given no limits.memory",
    ],
  ],
  permits: [["what says both", [deployment()]]],
  waitsFor: [
    ["a size that depends on another resource", of({ requests: { cpu: "1", memory: "1Gi" }, limits: { memory: unknown } })],
  ],
});
