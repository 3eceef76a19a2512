import * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { electionRules } from "./claims-driver.render.ts";

export interface ControllerAccount {
  /** Of the account. */
  readonly name: string;
  readonly namespace: string;
  /** What the API calls its rights in the whole cluster. */
  readonly role: string;
  readonly rules: typeof electionRules;
}

/** The account of a controller of which several run and one works: what it may in the whole cluster, and in its own namespace to be the one. */
export function controllerAccount(part: string, of: ControllerAccount, options: pulumi.CustomResourceOptions): pulumi.Resource[] {
  const { name, namespace, role, rules } = of;
  const metadata = { name, namespace };
  const subjects = [{ kind: "ServiceAccount", ...metadata }];
  const roleRef = (kind: string, named: string) => ({ apiGroup: "rbac.authorization.k8s.io", kind, name: named });
  return [
    new kubernetes.core.v1.ServiceAccount(part, { metadata, automountServiceAccountToken: true }, options),
    new kubernetes.rbac.v1.ClusterRole(part, { metadata: { name: role }, rules }, options),
    new kubernetes.rbac.v1.ClusterRoleBinding(
      part,
      { metadata: { name: role }, roleRef: roleRef("ClusterRole", role), subjects },
      options,
    ),
    new kubernetes.rbac.v1.Role(part, { metadata, rules: electionRules }, options),
    new kubernetes.rbac.v1.RoleBinding(part, { metadata, roleRef: roleRef("Role", name), subjects }, options),
  ];
}
