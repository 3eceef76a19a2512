import type { Kind } from "./manifest.ts";

/**
 * What the API can't change in place, so that the resource is replaced, as the official plugin decides it:
 * https://github.com/pulumi/pulumi-kubernetes/blob/master/provider/pkg/provider/diff.go
 */
const container = [
  "args",
  "command",
  "env",
  "image",
  "imagePullPolicy",
  "lifecycle",
  "livenessProbe",
  "ports",
  "readinessProbe",
  "resources",
  "securityContext",
  "stdin",
  "stdinOnce",
  "terminationMessagePath",
  "terminationMessagePolicy",
  "tty",
  "volumeDevices",
  "volumeMounts",
  "workingDir",
];

const pod = [
  "affinity",
  "automountServiceAccountToken",
  "dnsConfig",
  "dnsPolicy",
  "enableServiceLinks",
  "hostAliases",
  "hostIPC",
  "hostNetwork",
  "hostPID",
  "hostname",
  "imagePullSecrets",
  "nodeName",
  "nodeSelector",
  "overhead",
  "preemptionPolicy",
  "priority",
  "priorityClassName",
  "readinessGates",
  "restartPolicy",
  "runtimeClassName",
  "schedulerName",
  "securityContext",
  "serviceAccount",
  "serviceAccountName",
  "shareProcessNamespace",
  "subdomain",
  "terminationGracePeriodSeconds",
  "volumes",
];

const volumeSources = [
  "awsElasticBlockStore",
  "azureDisk",
  "azureFile",
  "cephfs",
  "cinder",
  "csi",
  "fc",
  "flexVolume",
  "flocker",
  "gcePersistentDisk",
  "glusterfs",
  "hostPath",
  "iscsi",
  "local",
  "nfs",
  "photonPersistentDisk",
  "portworxVolume",
  "quobyte",
  "rbd",
  "scaleIO",
  "storageos",
  "vsphereVolume",
];

const inSpec = (names: readonly string[]) => names.map((name) => `spec.${name}`);

/** By group and kind; a version only where the others differ. */
const byKind: Readonly<Record<string, readonly string[]>> = {
  "apps/DaemonSet": ["spec.selector"],
  "apps/Deployment": ["spec.selector"],
  "apps/StatefulSet": inSpec(["podManagementPolicy", "revisionHistoryLimit", "selector", "serviceName", "volumeClaimTemplates"]),
  "batch/Job": inSpec(["completions", "parallelism", "selector", "template"]),
  "/ConfigMap": ["binaryData", "data"],
  "/PersistentVolume": inSpec(volumeSources),
  "/PersistentVolumeClaim": inSpec(["accessModes", "selector", "storageClassName", "volumeName"]),
  "/Pod": inSpec([...pod, ...container.flatMap((name) => [`containers[*].${name}`, `initContainers[*].${name}`])]),
  "/ResourceQuota": ["spec.scopes"],
  "/Secret": ["data", "stringData", "type"],
  "/Service": ["spec.clusterIP"],
  "policy/v1beta1/PodDisruptionBudget": ["spec"],
  "rbac.authorization.k8s.io/ClusterRoleBinding": ["roleRef"],
  "rbac.authorization.k8s.io/RoleBinding": ["roleRef"],
  "storage.k8s.io/StorageClass": ["parameters", "provisioner"],
};

const always = ["metadata.name", "metadata.namespace", "kind"];

/** Kinds whose contents the provider's configuration may declare mutable: an update then, unless the object says `immutable`. */
export const mutableContents: Readonly<Record<string, { option: string; properties: readonly string[] }>> = {
  "/ConfigMap": { option: "enableConfigMapMutable", properties: ["binaryData", "data"] },
  "/Secret": { option: "enableSecretMutable", properties: ["data", "stringData"] },
};

/** Paths whose change replaces an object of this kind; `[*]` stands for any element. */
export function replacementPaths({ group, version, kind }: Kind): readonly string[] {
  return [...always, ...(byKind[`${group}/${kind}`] ?? byKind[`${group}/${version}/${kind}`] ?? [])];
}

/** Whether a changed path lies at or below a listed one. */
export function isAtOrBelow(changed: string, listed: string): boolean {
  const path = changed.replaceAll(/\[\d+\]/g, "[*]");
  return path === listed || path.startsWith(`${listed}.`) || path.startsWith(`${listed}[`);
}
