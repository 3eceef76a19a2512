import type { ResourceRule } from "../rule.ts";
import { own } from "../sources.ts";

export const rule: ResourceRule = {
  name: "volume-must-be-retained",
  holds: "A volume's data stay when the volume's object is deleted",
  source: own("docs/storage.md", "Kubernetes deletes what a volume of policy Delete holds with its claim, by one kubectl delete"),
  level: "mandatory",
  types: ["kubernetes:core/v1:PersistentVolume"],
  *check({ inputs: { spec } }) {
    const { persistentVolumeReclaimPolicy: given } = spec;
    if (given === "Retain") return;
    yield {
      at: ["spec", "persistentVolumeReclaimPolicy"],
      what: "the data go with the claim",
      ...{ given: String(given ?? "not set"), allowed: "Retain", fix: "set it" },
    };
  },
};
