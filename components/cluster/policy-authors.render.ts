import { calicoGroup, calicoKinds } from "./calico.render.ts";

const rule = (apiGroup: string, resources: readonly string[]) => ({
  apiGroups: [apiGroup],
  apiVersions: ["v1"],
  operations: ["CREATE", "UPDATE", "DELETE"],
  resources: [...resources],
});

/** Who deploys the platform. */
const administrators = "system:masters";
/** Parts of the cluster that take away what belongs to something that is deleted, and its finalizers before that. */
const cleaners = ["generic-garbage-collector", "namespace-controller"].map((name) => `system:serviceaccount:kube-system:${name}`);

/** Network policies are those of the table of flows: whoever else may write to a namespace makes, changes and deletes none. Felix enforces Calico's kinds, too. */
export const keepingNetworkPolicies = {
  failurePolicy: "Fail",
  matchConstraints: {
    resourceRules: [
      rule("networking.k8s.io", ["networkpolicies"]),
      rule(
        calicoGroup,
        calicoKinds.map(({ plural }) => plural).filter((plural) => plural.endsWith("networkpolicies")),
      ),
    ],
  },
  validations: [
    {
      expression: `"${administrators}" in request.userInfo.groups || (request.operation != "CREATE" && request.userInfo.username in ${JSON.stringify(cleaners)})`,
      messageExpression: `"network policies come from the table of flows, and only the platform's administrator (group ${administrators}) writes them, not " + request.userInfo.username + "; declare a flow in the environment file"`,
      reason: "Forbidden",
    },
  ],
};
