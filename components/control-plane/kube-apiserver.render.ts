import { controlPlanePorts, nodePorts } from "../../environments/model/ports.ts";
import { balancerDetectionSeconds } from "../../environments/model/timings.ts";
import type { Host } from "../../environments/model/topology.ts";
import { type ControlPlaneCluster, controlPlanePaths, serviceAccountIssuer } from "./cluster.render.ts";
import { certificateAndKey, type Flags, renderFlags, tlsFloor } from "./flags.render.ts";

/** Seconds that a server that was told to end still answers, while its readiness says no: until the balancers have left it. */
export const drainSeconds = ({ timings }: ControlPlaneCluster): number => Math.ceil(balancerDetectionSeconds(timings)) + 1;

/**
 * The API server of a host, hardened along section 1.2 of the CIS Kubernetes Benchmark 1.11. Two of its manual checks are left out on purpose:
 * AlwaysPullImages, because pods could not start again while the registry is away, and an external key service, because there is none.
 */
export function renderApiServerFlags(cluster: ControlPlaneCluster, member: Host): string[] {
  return renderFlags({
    ...serving(cluster, member),
    ...datastore,
    ...users,
    ...others,
    ...admission(cluster),
    ...audit,
    "service-cluster-ip-range": cluster.serviceCidr,
    // Each namespace says whether its pods may; only that of a zone's driver does.
    ...(cluster.answersClaims && { "allow-privileged": true }),
    "service-node-port-range": `${nodePorts.first}-${nodePorts.last}`,
    profiling: false,
  });
}

const paths = controlPlanePaths;

const serving = (cluster: ControlPlaneCluster, member: Host): Flags => ({
  "bind-address": member.addresses.management,
  "advertise-address": member.addresses.management,
  "secure-port": controlPlanePorts.api,
  ...certificateAndKey("tls-cert-file", "tls-private-key-file", paths.apiServer),
  ...tlsFloor,
  "shutdown-delay-duration": `${drainSeconds(cluster)}s`,
  // Who still comes then is told to come again, and does so at another server.
  "shutdown-send-retry-after": true,
});

const datastore: Flags = {
  "etcd-servers": `https://127.0.0.1:${controlPlanePorts.kine}`,
  "etcd-cafile": paths.authorities,
  ...certificateAndKey("etcd-certfile", "etcd-keyfile", paths.kineClient),
  "encryption-provider-config": paths.encryption,
};

/** Who is let in, and as whom. */
const users: Flags = {
  "client-ca-file": paths.kubernetesAuthorities,
  "authentication-config": paths.authentication,
  "enable-bootstrap-token-auth": true,
  "authorization-mode": ["Node", "RBAC"],
  "service-account-issuer": serviceAccountIssuer,
  "service-account-key-file": paths.serviceAccountKeys,
  "service-account-signing-key-file": paths.serviceAccountKey,
  "service-account-extend-token-expiration": false,
  "requestheader-client-ca-file": paths.frontProxyAuthorities,
  "requestheader-allowed-names": "front-proxy-client",
  "requestheader-extra-headers-prefix": "X-Remote-Extra-",
  "requestheader-group-headers": "X-Remote-Group",
  "requestheader-username-headers": "X-Remote-User",
};

/** Whom the server itself calls: kubelets, and servers of aggregated APIs. */
const others: Flags = {
  "kubelet-certificate-authority": paths.kubernetesAuthorities,
  ...certificateAndKey("kubelet-client-certificate", "kubelet-client-key", paths.kubeletClient),
  "kubelet-preferred-address-types": ["InternalIP", "Hostname"],
  ...certificateAndKey("proxy-client-cert-file", "proxy-client-key-file", paths.frontProxyClient),
};

const admission = ({ timings }: ControlPlaneCluster): Flags => ({
  "enable-admission-plugins": ["DenyServiceExternalIPs", "EventRateLimit", "NodeRestriction"],
  "admission-control-config-file": paths.admission,
  // A node that is not heard of may be on the wrong side of a broken network, its workloads well.
  "default-not-ready-toleration-seconds": timings.podTolerationSeconds,
  "default-unreachable-toleration-seconds": timings.podTolerationSeconds,
});

/** Days, files, and MB of a file, as the benchmark has them. */
const audit: Flags = {
  "audit-policy-file": paths.auditPolicy,
  "audit-log-path": `${paths.auditLog}/audit.log`,
  "audit-log-maxage": 30,
  "audit-log-maxbackup": 10,
  "audit-log-maxsize": 100,
};
