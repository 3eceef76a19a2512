import { workerPorts } from "../../environments/model/ports.ts";
import { renderYaml } from "../control-plane/yaml.render.ts";
import { workerPaths as paths, type Worker } from "./worker.render.ts";

/** Services by nftables, in a table of kube-proxy's own; ports of nodes on the business plane and nowhere else. */
export const renderKubeProxy = ({ host, pods, machines }: Worker): string =>
  renderYaml({
    apiVersion: "kubeproxy.config.k8s.io/v1alpha1",
    kind: "KubeProxyConfiguration",
    mode: "nftables",
    hostnameOverride: host.name,
    clientConnection: { kubeconfig: paths.proxyKubeconfig },
    bindAddress: host.addresses.management,
    healthzBindAddress: `127.0.0.1:${workerPorts.proxyHealth}`,
    metricsBindAddress: `127.0.0.1:${workerPorts.proxyMetrics}`,
    nodePortAddresses: [`${host.addresses.business}/32`],
    detectLocalMode: "ClusterCIDR",
    clusterCIDR: pods.cidr,
    // Of the host's preparation, not of kube-proxy: zero leaves the kernel's own.
    conntrack: { maxPerCore: 0, min: 0, tcpCloseWaitTimeout: "0s", tcpEstablishedTimeout: "0s" },
    ...(machines === "lab" && { oomScoreAdj: 0 }),
  });
