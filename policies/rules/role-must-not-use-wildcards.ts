import type { ResourceRule } from "../rule.ts";
import { cisKubernetes } from "../sources.ts";

export const rule: ResourceRule = {
  name: "role-must-not-use-wildcards",
  holds: "A role names what it permits, and doesn't let its holder take more",
  source: `${cisKubernetes("5.1.3")} and 5.1.8`,
  level: "mandatory",
  types: ["kubernetes:rbac.authorization.k8s.io/v1:ClusterRole", "kubernetes:rbac.authorization.k8s.io/v1:Role"],
  *check({ inputs: { rules } }) {
    for (const [index, permitted] of (rules ?? []).entries()) {
      for (const key of ["apiGroups", "resources", "verbs", "nonResourceURLs"])
        if ((permitted[key] ?? []).includes("*"))
          yield {
            at: ["rules", index, key],
            what: "the role permits what nobody has thought of yet",
            ...{ given: "*", allowed: "names", fix: "name what its holders need" },
          };
      const more = ["bind", "escalate", "impersonate"].filter((verb) => (permitted.verbs ?? []).includes(verb));
      if (more.length > 0)
        yield {
          at: ["rules", index, "verbs"],
          what: "who holds the role can take any other one",
          ...{ given: more.join(", "), allowed: "none of them", fix: "leave them out" },
        };
    }
  },
};
