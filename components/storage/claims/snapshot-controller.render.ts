import type { Zone } from "../../../environments/model/topology.ts";
import { snapshotGroup } from "./storage-classes.render.ts";

// What gives each snapshot that somebody asks for its content, which the driver of the claim's zone then makes: one for the whole cluster
// (https://github.com/kubernetes-csi/external-snapshotter).

export const snapshotControllerName = "snapshot-controller";

/** What marks its pods. */
export const snapshotControllerLabels = { "app.kubernetes.io/name": snapshotControllerName } as const;

const look = ["get", "list", "watch"];

export const snapshotControllerRules = [
  { apiGroups: [""], resources: ["persistentvolumes"], verbs: look },
  { apiGroups: [""], resources: ["persistentvolumeclaims"], verbs: [...look, "update"] },
  { apiGroups: [""], resources: ["events"], verbs: ["list", "watch", "create", "update", "patch"] },
  { apiGroups: [snapshotGroup], resources: ["volumesnapshotclasses"], verbs: look },
  {
    apiGroups: [snapshotGroup],
    resources: ["volumesnapshotcontents"],
    verbs: [...look, "create", "update", "patch", "delete"],
  },
  { apiGroups: [snapshotGroup], resources: ["volumesnapshotcontents/status"], verbs: ["patch"] },
  { apiGroups: [snapshotGroup], resources: ["volumesnapshots"], verbs: [...look, "update", "patch"] },
  { apiGroups: [snapshotGroup], resources: ["volumesnapshots/status"], verbs: ["update", "patch"] },
];

/** What people who may write in a namespace may do there: the API's own roles know nothing of snapshots. */
export const snapshotAuthorRules = [
  {
    apiGroups: [snapshotGroup],
    resources: ["volumesnapshots"],
    verbs: [...look, "create", "update", "patch", "delete", "deletecollection"],
  },
];

/** As many as survive the loss of a node, where there are two; one of them works. */
export const snapshotControllerDeployment = (zone: Zone, namespace: string, image: string) => ({
  replicas: Math.min(2, Object.keys(zone.pods.nodes).length),
  selector: { matchLabels: snapshotControllerLabels },
  // It ends when the kinds have not come within 30 s.
  minReadySeconds: 35,
  strategy: { rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } },
  template: {
    metadata: { labels: snapshotControllerLabels },
    spec: {
      serviceAccountName: snapshotControllerName,
      priorityClassName: "system-cluster-critical",
      securityContext: { runAsNonRoot: true, runAsUser: 65534, seccompProfile: { type: "RuntimeDefault" } },
      topologySpreadConstraints: [
        {
          maxSkew: 1,
          topologyKey: "kubernetes.io/hostname",
          whenUnsatisfiable: "ScheduleAnyway",
          labelSelector: { matchLabels: snapshotControllerLabels },
        },
      ],
      containers: [
        {
          ...{ name: snapshotControllerName, image, imagePullPolicy: "IfNotPresent" },
          args: ["--leader-election", `--leader-election-namespace=${namespace}`],
          resources: { requests: { cpu: "10m", memory: "24Mi" }, limits: { memory: "128Mi" } },
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] }, readOnlyRootFilesystem: true },
        },
      ],
    },
  },
});
