import { controlPlanePorts } from "../../environments/model/ports.ts";
import {
  leaderRenewSeconds,
  leaderRetrySeconds,
  nodeEvictionSeconds,
  nodeLookSeconds,
} from "../../environments/model/timings.ts";
import { type ControlPlaneCluster, controlPlanePaths } from "./cluster.render.ts";
import { certificateAndKey, delegating, type Flags, renderFlags, tlsFloor } from "./flags.render.ts";

const paths = controlPlanePaths;

/** Both: found by their leases, on loopback only (CIS Kubernetes Benchmark 1.11, 1.3 and 1.4). */
const controller = ({ timings }: ControlPlaneCluster, port: number, kubeconfig: string): Flags => ({
  "bind-address": "127.0.0.1",
  "secure-port": port,
  ...tlsFloor,
  ...delegating(kubeconfig),
  "leader-elect": true,
  "leader-elect-lease-duration": `${timings.leaderLeaseSeconds}s`,
  "leader-elect-renew-deadline": `${leaderRenewSeconds(timings)}s`,
  "leader-elect-retry-period": `${leaderRetrySeconds}s`,
  profiling: false,
});

export const renderSchedulerFlags = (cluster: ControlPlaneCluster): string[] =>
  renderFlags(controller(cluster, controlPlanePorts.scheduler, paths.schedulerKubeconfig));

export const renderControllerManagerFlags = (cluster: ControlPlaneCluster): string[] =>
  renderFlags({
    ...controller(cluster, controlPlanePorts.controllerManager, paths.controllerManagerKubeconfig),
    ...nodeFailure(cluster),
    ...signing(cluster),
    "cluster-name": cluster.name,
    // Each node's pods follow from the address plan.
    "allocate-node-cidrs": false,
    "service-cluster-ip-range": cluster.serviceCidr,
    // The API servers' certificates are the platform's; pods are told whom to believe.
    "root-ca-file": paths.authorities,
    "service-account-private-key-file": paths.serviceAccountKey,
    "use-service-account-credentials": true,
    // Tokens that nodes come with end by themselves.
    controllers: ["*", "token-cleaner-controller"],
    "terminated-pod-gc-threshold": 1000,
    // Its default is a directory that the service account can't make; drivers of this kind are programs, and here there are none.
    "flex-volume-plugin-dir": paths.directory,
  });

/**
 * Trouble of the network must not take workloads away. Dead nodes are emptied one after the other; where none of a site's nodes is heard of,
 * or three and more are not that are over a third, it is the network: up to 50 nodes nothing is emptied then, above them a node in a hundred seconds.
 */
const nodeFailure = ({ timings }: ControlPlaneCluster): Flags => ({
  "node-monitor-grace-period": `${timings.nodeGraceSeconds}s`,
  "node-monitor-period": `${nodeLookSeconds(timings)}s`,
  "node-eviction-rate": 1 / nodeEvictionSeconds,
  "secondary-node-eviction-rate": 0.01,
  "unhealthy-zone-threshold": 0.34,
});

/** Of the cluster's own authority, only certificates of kubelets: other signers are left without a key. */
const signing = ({ nodeCertificateDays }: ControlPlaneCluster): Flags => ({
  ...certificateAndKey("cluster-signing-kubelet-client-cert-file", "cluster-signing-kubelet-client-key-file", paths.nodeSigner),
  ...certificateAndKey("cluster-signing-kubelet-serving-cert-file", "cluster-signing-kubelet-serving-key-file", paths.nodeSigner),
  "cluster-signing-duration": `${nodeCertificateDays * 24}h`,
});
