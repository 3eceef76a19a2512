import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { Site, Topology } from "../../environments/model/topology.ts";
import type { Credentials } from "../trust/credentials.ts";
import { administratorOf } from "./administrator.ts";
import { controlPlaneCluster } from "./cluster.render.ts";

export interface ClusterAccessArgs {
  /** Of the administrator; secret. */
  readonly kubeconfig: pulumi.Input<string>;
  readonly clusterUid: pulumi.Input<string>;
}

interface Binding {
  readonly role: string;
  readonly to: { readonly kind: "Group" | "User"; readonly name: string };
}

/**
 * What the API server needs to reach kubelets, and what a new node may do with a bootstrap token: ask for its certificate and get it. Later it asks
 * by itself for the next one (https://kubernetes.io/docs/reference/access-authn-authz/kubelet-tls-bootstrapping/).
 */
const bindings: Readonly<Record<string, Binding>> = {
  "kube-apiserver-kubelet-client": {
    role: "system:kubelet-api-admin",
    to: { kind: "User", name: "kube-apiserver-kubelet-client" },
  },
  "node-bootstrap": {
    role: "system:node-bootstrapper",
    to: { kind: "Group", name: "system:bootstrappers" },
  },
  "node-certificate": {
    role: "system:certificates.k8s.io:certificatesigningrequests:nodeclient",
    to: { kind: "Group", name: "system:bootstrappers" },
  },
  "node-certificate-renewal": {
    role: "system:certificates.k8s.io:certificatesigningrequests:selfnodeclient",
    to: { kind: "Group", name: "system:nodes" },
  },
};

/** A provider that knows which cluster it is. */
const clusterProvider = (
  name: string,
  { kubeconfig, clusterUid }: ClusterAccessArgs,
  options: pulumi.ResourceOptions,
): kubernetes.Provider =>
  new kubernetes.Provider(
    name,
    {
      kubeconfig,
      // Otherwise a new certificate in the kubeconfig could pass for another cluster, and all in it would be replaced.
      clusterIdentifier: clusterUid,
      enableConfigMapMutable: true,
      enableSecretMutable: true,
    },
    options,
  );

export interface SiteProviderArgs {
  readonly topology: Topology;
  readonly site: Site;
  readonly credentials: Credentials;
  /** As the core recorded it. */
  readonly clusterUid: pulumi.Input<string>;
}

/** The same for a stack that stands on the core, with credentials of its own. */
export const siteProvider = (name: string, { topology, site, credentials, clusterUid }: SiteProviderArgs): kubernetes.Provider =>
  clusterProvider(
    name,
    { kubeconfig: administratorOf(controlPlaneCluster(topology, site), credentials).kubeconfig, clusterUid },
    {},
  );

/** The cluster as later components see it: a provider that knows which cluster it is, and the rights that nodes and the API server start with. */
export class ClusterAccess extends pulumi.ComponentResource {
  readonly provider: kubernetes.Provider;

  constructor(name: string, args: ClusterAccessArgs, options?: pulumi.ComponentResourceOptions) {
    super("tandem:control-plane:ClusterAccess", name, {}, options);
    this.provider = clusterProvider(name, args, { parent: this, ...(options?.dependsOn && { dependsOn: options.dependsOn }) });
    for (const [binding, { role, to }] of Object.entries(bindings)) {
      new kubernetes.rbac.v1.ClusterRoleBinding(
        binding,
        {
          metadata: { name: `tandem:${binding}` },
          roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: role },
          subjects: [{ apiGroup: "rbac.authorization.k8s.io", ...to }],
        },
        { parent: this, provider: this.provider },
      );
    }
    this.registerOutputs({});
  }
}
