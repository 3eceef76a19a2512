import type { ResourceRule } from "../rule.ts";
import { cisKubernetes } from "../sources.ts";
import { objectName, podOf, podTypes } from "../subjects.ts";

/** Reviewed, as `<namespace>/<name>`: what asks the API as its work. */
const reviewed = /^[a-z][a-z0-9]*-(system\/(coredns|snapshot-controller)|storage\/claims)$/;

export const rule: ResourceRule = {
  name: "pod-must-not-mount-token",
  holds: "Only what asks the Kubernetes API has a token for it",
  source: cisKubernetes("5.1.6"),
  level: "mandatory",
  types: podTypes,
  *check(resource) {
    const { at, spec } = podOf(resource);
    if (spec["automountServiceAccountToken"] === false || reviewed.test(objectName(resource))) return;
    yield {
      at: [...at, "automountServiceAccountToken"],
      what: "who breaks into the pod may ask the API in its name",
      ...{ given: String(spec["automountServiceAccountToken"] ?? "not set"), allowed: "false" },
      fix: "set it to false, or have it reviewed and add the workload to policies/rules/pod-must-not-mount-token.ts",
    };
  },
};
