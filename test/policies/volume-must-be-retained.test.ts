import { rule } from "../../policies/rules/volume-must-be-retained.ts";
import { ruleTests, unknown } from "./judging.ts";

const of = (policy?: string) => [
  { type: "kubernetes:core/v1:PersistentVolume", inputs: { spec: { persistentVolumeReclaimPolicy: policy } } },
];

ruleTests(rule, {
  refuses: [
    [
      "a volume whose data go with its claim",
      of("Delete"),
      "spec.persistentVolumeReclaimPolicy: the data go with the claim; given Delete; allowed Retain",
    ],
    ["one that says nothing", of(), "spec.persistentVolumeReclaimPolicy: the data go with the claim; given not set"],
  ],
  permits: [["a volume whose data stay", of("Retain")]],
  waitsFor: [["what depends on another resource", of(unknown)]],
});
