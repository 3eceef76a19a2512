import type { ResourceRule } from "../rule.ts";
import { own } from "../sources.ts";

export const rule: ResourceRule = {
  name: "class-must-retain-volumes",
  holds: "What a claim held stays when the claim is deleted",
  source: own("docs/storage.md", "files of a class with Delete go with their claim"),
  level: { advisoryBecause: "a zone may have data that are to end with their claim, and says so in the environment file" },
  types: ["kubernetes:storage.k8s.io/v1:StorageClass"],
  *check({ inputs: { reclaimPolicy } }) {
    if (reclaimPolicy === "Retain") return;
    yield {
      at: ["reclaimPolicy"],
      what: "whoever deletes a claim of this class deletes its data",
      ...{
        given: String(reclaimPolicy ?? "not set, which is Delete"),
        allowed: "Retain",
        fix: "reclaimPolicy: Retain, at the volume in the environment file",
      },
    };
  },
};
