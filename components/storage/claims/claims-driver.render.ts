import { controlPlanePorts } from "../../../environments/model/ports.ts";
import type { Zone } from "../../../environments/model/topology.ts";
import { zoneLabel, zoneTaint } from "../../worker/worker.render.ts";
import { driverName, driverParts, snapshotGroup } from "./storage-classes.render.ts";

// csi-driver-nfs of a zone (https://github.com/kubernetes-csi/csi-driver-nfs): on each of its nodes what mounts, and what makes a claim's directory.

export interface ClaimsDriver {
  readonly zone: Zone;
  readonly namespace: string;
  /** Where the nodes reach the API. */
  readonly apiAddress: string;
  readonly images: Readonly<Record<"driver" | "provisioner" | "resizer" | "snapshotter" | "registrar", string>>;
}

type DriverPart = keyof typeof driverParts;

const labelsOf = (part: DriverPart) => ({ "app.kubernetes.io/name": driverParts[part] });

/** What a claim is answered by may do: volumes are of no namespace. */
export const controllerRules = [
  { apiGroups: [""], resources: ["persistentvolumes"], verbs: ["get", "list", "watch", "create", "patch", "delete"] },
  { apiGroups: [""], resources: ["persistentvolumeclaims"], verbs: ["get", "list", "watch", "update"] },
  { apiGroups: [""], resources: ["persistentvolumeclaims/status"], verbs: ["patch"] },
  { apiGroups: [""], resources: ["events"], verbs: ["list", "watch", "create", "update", "patch"] },
  { apiGroups: [""], resources: ["nodes"], verbs: ["get", "list", "watch"] },
  { apiGroups: ["storage.k8s.io"], resources: ["csinodes", "storageclasses"], verbs: ["get", "list", "watch"] },
  { apiGroups: [snapshotGroup], resources: ["volumesnapshotclasses"], verbs: ["get", "list", "watch"] },
  { apiGroups: [snapshotGroup], resources: ["volumesnapshots"], verbs: ["get", "list"] },
  { apiGroups: [snapshotGroup], resources: ["volumesnapshotcontents"], verbs: ["get", "list", "watch", "update", "patch"] },
  { apiGroups: [snapshotGroup], resources: ["volumesnapshotcontents/status"], verbs: ["update", "patch"] },
];

/** Who of two answers claims. */
export const electionRules = [
  { apiGroups: ["coordination.k8s.io"], resources: ["leases"], verbs: ["get", "list", "watch", "create", "update", "patch"] },
];

/** A container, a volume or a mount of one, as the API has it. */
interface Named {
  readonly name: string;
  readonly [field: string]: unknown;
}

const kubelet = "/var/lib/kubelet";
const socketDirectory = "/csi";
const sockets = { name: "sockets", mountPath: socketDirectory };
const socket = `${socketDirectory}/csi.sock`;

const resources = (memoryMib: number) => ({
  requests: { cpu: "10m", memory: "24Mi" },
  limits: { memory: `${memoryMib}Mi` },
});

/** Beside the driver: no rights of their own. */
const sidecar = (name: string, image: string, args: readonly string[], mounts: readonly Named[] = []) => ({
  ...{ name, image, imagePullPolicy: "IfNotPresent", args: [...args], resources: resources(128) },
  securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] }, readOnlyRootFilesystem: true },
  volumeMounts: [sockets, ...mounts],
});

/** How long one call of the driver's may take: it reads or writes all that a claim holds. As upstream has it. */
const copying = "--timeout=1200s";

const nodeName = { name: "NODE_NAME", valueFrom: { fieldRef: { fieldPath: "spec.nodeName" } } };

/** Privileged, as whoever mounts is. */
const driver = ({ zone, images }: ClaimsDriver, mounts: readonly Named[] = []) => ({
  ...{ name: "driver", image: images.driver, imagePullPolicy: "IfNotPresent", env: [nodeName], resources: resources(256) },
  args: [`--drivername=${driverName(zone)}`, "--nodeid=$(NODE_NAME)", `--endpoint=unix://${socket}`, "--v=2"],
  securityContext: { privileged: true },
  volumeMounts: [sockets, ...mounts],
});

const podOf = ({ zone }: ClaimsDriver, part: DriverPart, containers: readonly Named[], volumes: readonly Named[]) => ({
  metadata: { labels: labelsOf(part) },
  spec: {
    serviceAccountName: driverParts[part],
    // What mounts asks the API nothing.
    automountServiceAccountToken: part === "controller",
    priorityClassName: "system-node-critical",
    // The node's own network is what its zone's tree is exported to; its names are those of the zone, the NAS's among them.
    hostNetwork: true,
    dnsPolicy: "Default",
    // Daemon sets place their pods before the API server adds these.
    nodeSelector: { [zoneLabel]: zone.name },
    tolerations: [{ key: zoneTaint, operator: "Equal", value: zone.name, effect: "NoSchedule" }],
    securityContext: { seccompProfile: { type: "RuntimeDefault" } },
    containers: [...containers],
    volumes: [...volumes],
  },
});

/** Makes and takes away claims' directories. As many as survive the loss of a node, where there are two; one of them works. */
export const controllerDeployment = (of: ClaimsDriver) => {
  const common = [`--csi-address=${socket}`, "--leader-election", `--leader-election-namespace=${of.namespace}`];
  // The API where the node's kubelet has it, and not at the service's address.
  const env = [
    { name: "KUBERNETES_SERVICE_HOST", value: of.apiAddress },
    { name: "KUBERNETES_SERVICE_PORT", value: String(controlPlanePorts.api) },
  ];
  const containers = [
    // A directory is named after its claim.
    { ...sidecar("provisioner", of.images.provisioner, [...common, copying, "--extra-create-metadata"]), env },
    { ...sidecar("resizer", of.images.resizer, [...common, "--handle-volume-inuse-error=false"]), env },
    { ...sidecar("snapshotter", of.images.snapshotter, [...common, copying]), env },
    driver(of),
  ];
  return {
    replicas: Math.min(2, Object.keys(of.zone.pods.nodes).length),
    selector: { matchLabels: labelsOf("controller") },
    strategy: { rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } },
    template: podOf(of, "controller", containers, [{ name: "sockets", emptyDir: {} }]),
  };
};

/** Mounts claims' directories for the kubelet of its node. */
export const nodeDaemonSet = (of: ClaimsDriver) => {
  const plugin = `${kubelet}/plugins/${driverName(of.zone)}`;
  const registration = { name: "registration", mountPath: "/registration" };
  const registrar = sidecar(
    "registrar",
    of.images.registrar,
    [`--csi-address=${socket}`, `--kubelet-registration-path=${plugin}/csi.sock`],
    [registration],
  );
  const pods = { name: "pods", mountPath: `${kubelet}/pods`, mountPropagation: "Bidirectional" };
  return {
    selector: { matchLabels: labelsOf("node") },
    updateStrategy: { rollingUpdate: { maxUnavailable: 1 } },
    template: podOf(
      of,
      "node",
      [registrar, driver(of, [pods])],
      [
        { name: "pods", hostPath: { path: pods.mountPath, type: "Directory" } },
        { name: "sockets", hostPath: { path: plugin, type: "DirectoryOrCreate" } },
        { name: "registration", hostPath: { path: `${kubelet}/plugins_registry`, type: "Directory" } },
      ],
    ),
  };
};
