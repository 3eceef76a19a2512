import type { ResourceRule } from "../rule.ts";
import { cisKubernetes, podSecurity } from "../sources.ts";

/** Reviewed: drivers that mount for others have a namespace of their zone's. */
const reviewed = /^[a-z][a-z0-9]*-storage$/;

const label = "pod-security.kubernetes.io/enforce";

export const rule: ResourceRule = {
  name: "namespace-must-restrict-pods",
  holds: "A namespace takes pods that keep to the restricted standard, whoever makes them",
  source: `${cisKubernetes("5.2.1")}; ${podSecurity}`,
  level: "mandatory",
  types: ["kubernetes:core/v1:Namespace"],
  *check({ inputs: { metadata } }) {
    const given = metadata.labels?.[label];
    if (given === "restricted" || reviewed.test(metadata.name)) return;
    yield {
      at: ["metadata", "labels", label],
      what: `${metadata.name} takes pods that may become root on their node`,
      ...{ given: given ?? "not set", allowed: "restricted", fix: "set the label" },
    };
  },
};
