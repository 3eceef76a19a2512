import type { ResourceRule } from "../rule.ts";
import { own } from "../sources.ts";

export const rule: ResourceRule = {
  name: "cluster-must-be-identified",
  holds: "A provider of Kubernetes names the cluster that it is for by its UID",
  source: own(
    "https://www.pulumi.com/registry/packages/kubernetes/api-docs/provider/#clusteridentifier_nodejs",
    "without it a renewed kubeconfig may replace everything in the cluster",
  ),
  level: "mandatory",
  types: ["pulumi:providers:kubernetes"],
  *check({ inputs: { clusterIdentifier } }) {
    if (clusterIdentifier) return;
    yield {
      at: ["clusterIdentifier"],
      what: "another cluster may be taken for this one, or this one for another",
      given: "none",
      allowed: "the UID of the cluster's namespace kube-system",
      fix: "give what the core recorded",
    };
  },
};
