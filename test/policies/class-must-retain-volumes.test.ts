import { rule } from "../../policies/rules/class-must-retain-volumes.ts";
import { ruleTests, unknown } from "./judging.ts";

const of = (reclaimPolicy?: string) => [{ type: "kubernetes:storage.k8s.io/v1:StorageClass", inputs: { reclaimPolicy } }];

ruleTests(rule, {
  refuses: [
    [
      "a class whose data go with their claim",
      of("Delete"),
      "reclaimPolicy: whoever deletes a claim of this class deletes its data; given Delete",
    ],
    [
      "one that says nothing",
      of(),
      "reclaimPolicy: whoever deletes a claim of this class deletes its data; given not set, which is Delete",
    ],
  ],
  permits: [["a class whose data stay", of("Retain")]],
  waitsFor: [["what depends on another resource", of(unknown)]],
});
