import { controlPlanePorts } from "../../environments/model/ports.ts";
import type { Host, Site, Timings, Topology } from "../../environments/model/topology.ts";
import { isForClaims } from "../../environments/model/volumes.ts";
import type { ServiceBehindVip } from "../balancer/balancer.render.ts";

/** The control plane of a site, as its renderers see it. */
export interface ControlPlaneCluster {
  /** As in `lab-dc1`. */
  readonly name: string;
  readonly site: string;
  /** In the order of their names; hosts that are out of service are no members. */
  readonly members: readonly Host[];
  /** Of Kubernetes, as in `1.36.3`. */
  readonly version: string;
  readonly podCidr: string;
  readonly serviceCidr: string;
  /** The VIPs' addresses: where clients reach the API, and where kine reaches its database. */
  readonly apiAddress: string;
  readonly datastoreAddress: string;
  readonly timings: Timings;
  /** How long a certificate holds that the cluster gives to a node. */
  readonly nodeCertificateDays: number;
  /** Memory of a host in MiB, for all of its services. */
  readonly memoryMib: number;
  /** Whether there are StorageClasses, whose driver mounts for nodes. */
  readonly answersClaims: boolean;
}

export const controlPlaneServices = [
  "kine",
  "kube-apiserver",
  "kube-controller-manager",
  "kube-scheduler",
  "metrics-server",
] as const;
/** What runs on each of its hosts, and what its image is called. */
export type ControlPlaneService = (typeof controlPlaneServices)[number];

const directory = "/etc/tandem/control-plane";

/** Where a host's files are, on the host and in its containers; a PEM file of a certificate holds its key too. */
export const controlPlanePaths = {
  directory,
  /** Who is believed. */
  authorities: `${directory}/authorities.pem`,
  kubernetesAuthorities: `${directory}/kubernetes-authorities.pem`,
  frontProxyAuthorities: `${directory}/front-proxy-authorities.pem`,
  serviceAccountKeys: `${directory}/service-account-keys.pem`,
  /** What is shown. */
  apiServer: `${directory}/kube-apiserver.pem`,
  kubeletClient: `${directory}/kubelet-client.pem`,
  frontProxyClient: `${directory}/front-proxy-client.pem`,
  kine: `${directory}/kine.pem`,
  kineClient: `${directory}/kine-client.pem`,
  datastore: `${directory}/datastore.pem`,
  controllerManager: `${directory}/kube-controller-manager.pem`,
  scheduler: `${directory}/kube-scheduler.pem`,
  metricsServer: `${directory}/metrics-server.pem`,
  metricsServerClient: `${directory}/metrics-server-client.pem`,
  /** What signs: tokens, and requests of nodes. */
  serviceAccountKey: `${directory}/service-account.key`,
  nodeSigner: `${directory}/node-signer.pem`,
  /** Configuration. */
  admission: `${directory}/admission.yaml`,
  auditPolicy: `${directory}/audit-policy.yaml`,
  authentication: `${directory}/authentication.yaml`,
  encryption: `${directory}/encryption.yaml`,
  controllerManagerKubeconfig: `${directory}/kube-controller-manager.kubeconfig`,
  schedulerKubeconfig: `${directory}/kube-scheduler.kubeconfig`,
  metricsServerKubeconfig: `${directory}/metrics-server.kubeconfig`,
  /** The one thing that is written. */
  auditLog: "/var/log/kubernetes",
} as const;

export function controlPlaneCluster(topology: Topology, site: Site): ControlPlaneCluster {
  const hosts = site.zones.flatMap((zone) => zone.hosts);
  const members = hosts.filter(({ role, inService }) => role === "control-plane" && inService);
  const [first] = members;
  if (!first) throw new Error(`${site.name}: no control-plane host is in service; a control plane has at least one`);
  return {
    name: `${topology.platform}-${site.name}`,
    site: site.name,
    members: members.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    ...topology.kubernetes,
    apiAddress: vipAddress(site, "kubernetes-api"),
    datastoreAddress: vipAddress(site, "database"),
    timings: topology.timings,
    nodeCertificateDays: topology.trust.certificates.lifetimeDays,
    memoryMib: Math.floor(first.size.memoryGib * 1024),
    answersClaims: topology.volumes.some(isForClaims),
  };
}

/** Who signs a service account's token, and whom the token is for. */
export const serviceAccountIssuer = "https://kubernetes.default.svc.cluster.local";

export const serverUrl = (address: string): string => `https://${address}:${controlPlanePorts.api}`;

/** What stands behind the API's VIP: any server that says it is ready. */
export const apiBehindVip = ({ members }: ControlPlaneCluster): Omit<ServiceBehindVip, "vip"> => ({
  port: controlPlanePorts.api,
  servers: members.map(({ name, addresses }) => ({ name, address: addresses.management, port: controlPlanePorts.api })),
  check: { scheme: "https", path: "/readyz" },
  serves: "all",
});

function vipAddress(site: Site, name: string): string {
  const vip = site.zones.flatMap(({ vips }) => vips).find((each) => each.name === name);
  if (!vip) throw new Error(`${site.name}: no host holds the VIP ${name}; a site has two balancers`);
  return vip.address;
}
