import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { calicoUser } from "../../environments/model/certificates.ts";
import { calicoGroup, calicoKinds, calicoRules } from "./calico.render.ts";
import { customKindOf } from "./custom-kind.render.ts";

export interface PodNetworkKindsArgs {
  readonly provider: kubernetes.Provider;
}

/** What Calico's Felix and network plugin look for in a cluster, without Calico's own operator: its kinds, that they are ready, and their rights. */
export class PodNetworkKinds extends pulumi.ComponentResource {
  constructor(name: string, { provider }: PodNetworkKindsArgs, options?: pulumi.ComponentResourceOptions) {
    super("tandem:cluster:PodNetworkKinds", name, {}, options);
    const own = { parent: this, provider };
    const kinds = calicoKinds.map((kind) => {
      const definition = customKindOf({ ...kind, group: calicoGroup, version: anyContent });
      return new kubernetes.apiextensions.CustomResource(`calico-${kind.plural}`, definition, own);
    });
    new kubernetes.apiextensions.CustomResource(
      "calico-ready",
      {
        apiVersion: `${calicoGroup}/v1`,
        kind: "ClusterInformation",
        metadata: { name: "default" },
        spec: { datastoreReady: true },
      },
      { ...own, dependsOn: kinds },
    );
    const role = new kubernetes.rbac.v1.ClusterRole("calico", { metadata: { name: calicoUser }, rules: calicoRules }, own);
    new kubernetes.rbac.v1.ClusterRoleBinding(
      "calico",
      {
        metadata: { name: calicoUser },
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: calicoUser },
        subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "Group", name: calicoUser }],
      },
      { ...own, dependsOn: role },
    );
    this.registerOutputs({});
  }
}

/** Felix reads objects of these kinds; here nobody writes any, so their content is nobody's to check. */
const anyContent = { schema: { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } } };
