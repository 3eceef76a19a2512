import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { keepingNodePorts } from "./node-ports.render.ts";
import { keepingPods, placingPods } from "./placement.render.ts";
import { keepingNetworkPolicies } from "./policy-authors.render.ts";
import { keepingVolumes } from "./volume-authors.render.ts";

export interface ZonePlacementArgs {
  readonly provider: kubernetes.Provider;
  /** Whether there are StorageClasses. */
  readonly answersClaims: boolean;
}

/** The API server itself keeps every zone's pods on that zone's nodes, and network policies and ports of nodes those of the table of flows, and volumes to their zone's driver. */
export class ZonePlacement extends pulumi.ComponentResource {
  constructor(name: string, { provider, answersClaims }: ZonePlacementArgs, options?: pulumi.ComponentResourceOptions) {
    super("tandem:cluster:ZonePlacement", name, {}, options);
    const own = { parent: this, provider };
    const apiVersion = "admissionregistration.k8s.io/v1";
    const set = "tandem-pods-get-their-zone";
    const placing = new kubernetes.apiextensions.CustomResource(
      set,
      { apiVersion, kind: "MutatingAdmissionPolicy", metadata: { name: set }, spec: placingPods },
      own,
    );
    new kubernetes.apiextensions.CustomResource(
      `${set}-binding`,
      { apiVersion, kind: "MutatingAdmissionPolicyBinding", metadata: { name: set }, spec: { policyName: set } },
      { ...own, dependsOn: placing },
    );
    for (const [kept, spec] of Object.entries({
      "tandem-pods-keep-to-their-zone": keepingPods,
      "tandem-network-policies-keep-to-the-table": keepingNetworkPolicies,
      "tandem-node-ports-keep-to-the-table": keepingNodePorts,
      ...(answersClaims && { "tandem-volumes-keep-to-their-zone": keepingVolumes }),
    })) {
      const keeping = new kubernetes.admissionregistration.v1.ValidatingAdmissionPolicy(
        kept,
        { metadata: { name: kept }, spec },
        own,
      );
      new kubernetes.admissionregistration.v1.ValidatingAdmissionPolicyBinding(
        `${kept}-binding`,
        { metadata: { name: kept }, spec: { policyName: kept, validationActions: ["Deny"] } },
        { ...own, dependsOn: keeping },
      );
    }
    this.registerOutputs({});
  }
}
