import { rule } from "../../policies/rules/cluster-must-be-identified.ts";
import { ruleTests, unknown } from "./judging.ts";

const provider = (clusterIdentifier?: string) => [{ type: "pulumi:providers:kubernetes", inputs: { clusterIdentifier } }];

ruleTests(rule, {
  refuses: [["a provider that takes any cluster", provider(), "clusterIdentifier: another cluster may be taken for this one"]],
  permits: [["a provider that names its cluster", provider("4f0c3c1e-8d4f-4f62-9d0e-0d9f2a6a7a11")]],
  waitsFor: [["a cluster that is not there yet", provider(unknown)]],
});
