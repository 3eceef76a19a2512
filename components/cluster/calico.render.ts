/** Of Calico's own kinds in the API (https://docs.tigera.io/calico/latest/reference/resources/overview). */
export const calicoGroup = "crd.projectcalico.org";

export interface CalicoKind {
  readonly kind: string;
  readonly plural: string;
  readonly scope: "Cluster" | "Namespaced";
}

const kindOf = (scope: CalicoKind["scope"], kind: string): CalicoKind => ({
  kind,
  plural: kind.endsWith("y") ? `${kind.slice(0, -1).toLowerCase()}ies` : `${kind.toLowerCase()}s`,
  scope,
});

/** All that Felix watches (felixsyncer of libcalico-go). */
export const calicoKinds: readonly CalicoKind[] = [
  ...[
    "BGPConfiguration",
    "BGPPeer",
    "ClusterInformation",
    "FelixConfiguration",
    "GlobalNetworkPolicy",
    "GlobalNetworkSet",
    "HostEndpoint",
    "IPPool",
    "StagedGlobalNetworkPolicy",
    "Tier",
  ].map((kind) => kindOf("Cluster", kind)),
  ...["NetworkPolicy", "NetworkSet", "StagedKubernetesNetworkPolicy", "StagedNetworkPolicy"].map((kind) =>
    kindOf("Namespaced", kind),
  ),
];

const look = ["get", "list", "watch"];

/** Felix and the plugin look; what they write is the address of a pod. */
export const calicoRules = [
  { apiGroups: [""], resources: ["endpoints", "namespaces", "nodes", "pods", "serviceaccounts", "services"], verbs: look },
  { apiGroups: [""], resources: ["pods/status"], verbs: ["patch"] },
  { apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: look },
  { apiGroups: ["networking.k8s.io"], resources: ["networkpolicies"], verbs: look },
  {
    apiGroups: ["policy.networking.k8s.io"],
    resources: ["adminnetworkpolicies", "baselineadminnetworkpolicies", "clusternetworkpolicies"],
    verbs: look,
  },
  { apiGroups: [calicoGroup], resources: calicoKinds.map(({ plural }) => plural), verbs: look },
];
