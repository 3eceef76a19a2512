import type { ResourceRule } from "../rule.ts";
import { cisKubernetes } from "../sources.ts";

export const rule: ResourceRule = {
  name: "binding-must-not-grant-cluster-admin",
  holds: "Nobody is made an administrator of the cluster by a binding, and no right is for everybody",
  source: `${cisKubernetes("5.1.1")} and 5.1.7`,
  level: "mandatory",
  types: ["kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding", "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding"],
  *check({ inputs: { roleRef, subjects } }) {
    if (roleRef.name === "cluster-admin")
      yield {
        at: ["roleRef", "name"],
        what: "its subjects may do everything in the cluster",
        ...{
          given: "cluster-admin",
          allowed: "a role that names what it permits",
          fix: "write one; the administrator's certificate is there for what no role permits",
        },
      };
    for (const [index, { kind, name }] of (subjects ?? []).entries())
      if (
        kind === "Group" &&
        ["system:masters", "system:authenticated", "system:unauthenticated", "system:anonymous"].includes(name)
      )
        yield {
          at: ["subjects", index, "name"],
          what: "the right is for everybody, or for those who have all rights anyhow",
          ...{ given: name, allowed: "those who need it", fix: "name them" },
        };
  },
};
