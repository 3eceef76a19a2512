import { rule } from "../../policies/rules/namespace-must-restrict-pods.ts";
import { ruleTests, unknown } from "./judging.ts";

const label = "pod-security.kubernetes.io/enforce";
const of = (enforced: string | undefined, name = "policy") => [
  { type: "kubernetes:core/v1:Namespace", inputs: { metadata: { name, labels: { [label]: enforced } } } },
];

ruleTests(rule, {
  refuses: [
    [
      "a namespace that takes all pods",
      of("privileged"),
      `metadata.labels.${label}: policy takes pods that may become root on their node; given privileged; allowed restricted`,
    ],
    ["one that says nothing", of(undefined), `metadata.labels.${label}: policy takes pods`],
  ],
  permits: [
    ["a restricted one", of("restricted")],
    ["that of a zone's drivers", of("privileged", "policy-storage")],
  ],
  waitsFor: [["a label that depends on another resource", of(unknown)]],
});
