import { platformPorts, workerPorts } from "../../environments/model/ports.ts";
import type { Host } from "../../environments/model/topology.ts";
import { tlsFloor } from "../control-plane/flags.render.ts";
import { renderYaml } from "../control-plane/yaml.render.ts";
import { imageCredentials, workerPaths as paths, type Worker } from "./worker.render.ts";

export const renderKubeletFlags = (worker: Worker): string[] => [
  `--config=${paths.kubeletConfiguration}`,
  ...(worker.machines === "lab" ? [`--config-dir=${labRoomDirectory}`] : []),
  `--image-credential-provider-bin-dir=${imageCredentials.programs}`,
  `--image-credential-provider-config=${imageCredentials.configuration}`,
  `--hostname-override=${worker.host.name}`,
  `--kubeconfig=${paths.kubeletKubeconfig}`,
  `--node-ip=${worker.host.addresses.management}`,
];

/**
 * Hardened along section 4.2 of the CIS Kubernetes Benchmark 1.11. Certificates come from the trust stack and are renewed by an ordinary `up`, so
 * the kubelet asks nobody for any.
 */
export const renderKubelet = (worker: Worker): string =>
  renderYaml({
    apiVersion: "kubelet.config.k8s.io/v1beta1",
    kind: "KubeletConfiguration",
    ...serving(worker),
    ...cluster(worker),
    ...resources(worker),
    ...ofMachines[worker.machines],
    containerRuntimeEndpoint: `unix://${paths.socket}`,
    protectKernelDefaults: true,
    seccompDefault: true,
  });

const serving = ({ host }: Worker) => ({
  address: host.addresses.management,
  port: platformPorts.kubelet,
  readOnlyPort: 0,
  healthzBindAddress: "127.0.0.1",
  healthzPort: workerPorts.kubeletHealth,
  authentication: {
    anonymous: { enabled: false },
    webhook: { enabled: true },
    x509: { clientCAFile: paths.kubernetesAuthorities },
  },
  authorization: { mode: "Webhook" },
  tlsCertFile: paths.kubelet,
  tlsPrivateKeyFile: paths.kubelet,
  tlsMinVersion: tlsFloor["tls-min-version"],
  tlsCipherSuites: tlsFloor["tls-cipher-suites"],
  rotateCertificates: false,
  serverTLSBootstrap: false,
});

const cluster = ({ pods, timings }: Worker) => ({
  clusterDomain: "cluster.local",
  clusterDNS: [pods.dns],
  // Renewed at every quarter of it.
  nodeLeaseDurationSeconds: Math.ceil(timings.nodeLeaseSeconds),
});

/** Of the host, for its own programs. */
const reserved = ({ size }: Host) => ({
  cpuMilli: size.cpus > 4 ? 1000 : 250,
  memoryMib: Math.max(128, Math.floor(size.memoryGib * 32)),
});

const resources = ({ host }: Worker) => ({
  maxPods: 110,
  podPidsLimit: 4096,
  containerLogMaxSize: "10Mi",
  containerLogMaxFiles: 3,
  systemReserved: { cpu: `${reserved(host).cpuMilli}m`, memory: `${reserved(host).memoryMib}Mi` },
});

const labRoomDirectory = "/run/tandem-kubelet";

/**
 * A machine of the lab shows the whole machine under it: what is more than its own size is reserved, too. Shell that writes that beside the
 * kubelet's configuration, because only the machine itself knows how much it is.
 */
export function renderLabRoom({ host }: Worker): string {
  const { size } = host;
  const own = reserved(host);
  const [cpuMilli, memoryMib] = [size.cpus * 1000 - own.cpuMilli, Math.floor(size.memoryGib * 1024) - own.memoryMib];
  return [
    `mkdir -p ${labRoomDirectory}`,
    `cpu=$(($(nproc) * 1000 - ${cpuMilli}))`,
    `memory=$(($(sed -n 's/^MemTotal: *\\([0-9]*\\) kB$/\\1/p' /proc/meminfo) / 1024 - ${memoryMib}))`,
    `printf 'apiVersion: kubelet.config.k8s.io/v1beta1\\nkind: KubeletConfiguration\\nsystemReserved: { cpu: %sm, memory: %sMi }\\n' "$cpu" "$memory" > ${labRoomDirectory}/room.conf`,
  ].join("\n");
}

const ofMachines = {
  ssh: { cgroupDriver: "systemd" },
  lab: {
    // The lab's machines are containers: no systemd, perhaps the older control groups, and no right to raise what theirs have.
    cgroupDriver: "cgroupfs",
    failCgroupV1: false,
    failSwapOn: false,
    maxOpenFiles: 20000,
    oomScoreAdj: 0,
    // What a pod asks is its zone's name service alone, which asks the gateways; the lab's engine has a name server of its own that pods do not reach.
    resolvConf: "",
    // The disk is the whole machine's, and images come from nowhere else once they are gone.
    evictionHard: { "memory.available": "100Mi", "nodefs.available": "1%", "imagefs.available": "1%" },
    imageGCHighThresholdPercent: 100,
  },
} as const;
