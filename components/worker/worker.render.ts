import { loginOf, pullingAccount, registryName } from "../../environments/model/registry.ts";
import type { Host, PodNetwork, Site, Timings, Topology, Zone } from "../../environments/model/topology.ts";
import { type ControlPlaneCluster, controlPlaneCluster } from "../control-plane/cluster.render.ts";

/** A worker node, as its renderers see it. */
export interface Worker {
  readonly host: Host;
  readonly zone: Zone;
  readonly cluster: ControlPlaneCluster;
  /** Of the zone. */
  readonly pods: PodNetwork;
  /** Of this node. */
  readonly ownPods: string;
  readonly machines: Topology["machines"];
  readonly timings: Timings;
  /** The image that holds a pod's namespaces. */
  readonly pauseImage: string;
  /** Whose images its pods get, and as whom. */
  readonly registry: { readonly name: string; readonly account: string; readonly login: string };
}

const directory = "/etc/tandem/worker";
/** Where the programs are: of the machine image in the lab, of the image `worker` on a real machine. */
export const programsDirectory = "/usr/local/lib/tandem/worker";
/** Debian's place of network plugins; Calico's is put beside them. */
export const pluginsDirectory = "/usr/lib/cni";
/** Archives of images that a machine of the lab has from its beginning: the lab's seed. */
export const seedDirectory = "/usr/local/share/tandem/images";

/** A PEM file of a certificate holds its key too. */
export const workerPaths = {
  directory,
  /** Who is believed: about the API server, and about who calls the kubelet. */
  authorities: `${directory}/authorities.pem`,
  kubernetesAuthorities: `${directory}/kubernetes-authorities.pem`,
  kubelet: `${directory}/kubelet.pem`,
  proxy: `${directory}/kube-proxy.pem`,
  calico: `${directory}/calico.pem`,
  kubeletConfiguration: `${directory}/kubelet.yaml`,
  kubeletKubeconfig: `${directory}/kubelet.kubeconfig`,
  proxyConfiguration: `${directory}/kube-proxy.yaml`,
  proxyKubeconfig: `${directory}/kube-proxy.kubeconfig`,
  calicoKubeconfig: `${directory}/calico.kubeconfig`,
  containerd: "/etc/containerd/config.toml",
  network: "/etc/cni/net.d/10-tandem.conflist",
  socket: "/run/containerd/containerd.sock",
} as const;

/** What gives the kubelet a password for the registry. */
export const imageCredentials = {
  configuration: `${directory}/image-credential-provider.yaml`,
  /** Secret. */
  login: `${directory}/image-login.json`,
  /** Where the kubelet looks for the programs that the configuration names. */
  programs: "/usr/local/lib/tandem/image-credentials",
  program: "registry",
} as const;

/** What a node is called by: only who administers the cluster sets labels with this prefix, a kubelet may not (admission NodeRestriction). */
export const zoneLabel = "node-restriction.kubernetes.io/zone";
/** Pods that do not name the zone stay away from its nodes. */
export const zoneTaint = "tandem.internal/zone";

export function workersOf(topology: Topology, site: Site, zone: Zone): Worker[] {
  const workers = zone.hosts.filter(({ role, inService }) => role === "worker" && inService);
  const { name: account } = pullingAccount(topology, zone);
  return workers.map((host) => ({
    ...{ host, zone, cluster: controlPlaneCluster(topology, site), pods: zone.pods },
    ownPods: zone.pods.nodes[host.name] ?? "",
    machines: topology.machines,
    timings: topology.timings,
    pauseImage: topology.images["pause"] ?? "",
    registry: { name: registryName(topology), account, login: loginOf(topology, account) },
  }));
}

/**
 * A node as it is declared before its kubelet comes: of which zone, where it fails together with others (by Kubernetes' own names, and the rack), and
 * its part of the zone's pods.
 */
export const nodeObject = ({ host, zone, ownPods }: Worker) => ({
  metadata: {
    name: host.name,
    labels: {
      [zoneLabel]: zone.name,
      "tandem.internal/rack": host.rack,
      "topology.kubernetes.io/region": host.site,
      "topology.kubernetes.io/zone": zone.name,
    },
  },
  spec: {
    podCIDR: ownPods,
    podCIDRs: [ownPods],
    taints: [{ key: zoneTaint, value: zone.name, effect: "NoSchedule" }],
  },
});
