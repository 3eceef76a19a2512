import type { Inputs, StackRule } from "../rule.ts";
import { cisKubernetes } from "../sources.ts";

const isEmpty = (value: Inputs | undefined): boolean => Object.keys(value ?? {}).length === 0;

/** Takes every pod of its namespace, in both directions, and permits nothing. */
const closes = ({ podSelector, policyTypes = [], ingress = [], egress = [] }: Inputs): boolean =>
  isEmpty(podSelector) &&
  policyTypes.includes("Ingress") &&
  policyTypes.includes("Egress") &&
  ingress.length + egress.length === 0;

export const rule: StackRule = {
  name: "namespace-must-deny-by-default",
  holds: "In every namespace nothing comes in or goes out but what a policy permits",
  source: cisKubernetes("5.3.2"),
  level: "mandatory",
  *checkStack({ resources }) {
    const closed = new Set(
      resources
        .filter(({ type, inputs }) => type === "kubernetes:networking.k8s.io/v1:NetworkPolicy" && closes(inputs["spec"] ?? {}))
        .map(({ inputs }) => inputs["metadata"].namespace),
    );
    for (const resource of resources.filter(({ type }) => type === "kubernetes:core/v1:Namespace")) {
      const { name } = resource.inputs["metadata"];
      if (closed.has(name)) continue;
      yield {
        ...{ resource, what: `pods of ${name} may connect to all that their node reaches`, given: "no policy that closes it" },
        allowed: "a NetworkPolicy with an empty podSelector, both policyTypes and no rules",
        fix: "declare it beside the namespace",
      };
    }
  },
};
