import { renderYaml } from "./yaml.render.ts";

/** Kubernetes' own resources by the API group that they are in. */
const resources = (group: string, ...names: string[]) => ({ group, ...(names.length > 0 && { resources: names }) });

/**
 * Who did what, when, and with what result. Bodies only of what decides about rights and separation, and never of what may hold a secret.
 * The first rule that fits counts.
 */
export const renderAuditPolicy = (): string =>
  renderYaml({
    apiVersion: "audit.k8s.io/v1",
    kind: "Policy",
    omitStages: ["RequestReceived"],
    omitManagedFields: true,
    rules: [
      // Who saw which secret, whoever it was.
      {
        level: "Metadata",
        resources: [resources("", "secrets", "serviceaccounts/token"), resources("authentication.k8s.io", "tokenreviews")],
      },
      // Asked by machines, many times a second.
      { level: "None", nonResourceURLs: ["/healthz*", "/livez*", "/readyz*", "/metrics", "/version", "/openapi/*", "/api*"] },
      { level: "None", resources: [resources("", "events"), resources("events.k8s.io", "events")] },
      { level: "None", resources: [resources("coordination.k8s.io", "leases")] },
      { level: "None", userGroups: ["system:nodes"], verbs: ["get", "list", "watch"] },
      {
        level: "None",
        users: ["system:apiserver", "system:kube-controller-manager", "system:kube-scheduler"],
        verbs: ["get", "list", "watch"],
      },
      { level: "None", userGroups: ["system:serviceaccounts:kube-system"], verbs: ["get", "list", "watch"] },
      {
        level: "RequestResponse",
        verbs: ["create", "update", "patch", "delete", "deletecollection"],
        resources: [
          resources("rbac.authorization.k8s.io"),
          resources("networking.k8s.io", "networkpolicies"),
          resources("admissionregistration.k8s.io"),
          resources("certificates.k8s.io"),
          resources("", "namespaces"),
        ],
      },
      { level: "Metadata" },
    ],
  });
