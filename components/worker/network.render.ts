import { workerPorts } from "../../environments/model/ports.ts";
import { workerPaths as paths, type Worker } from "./worker.render.ts";

/** How a pod gets its interface: Calico's plugin, with addresses of this node's own part. */
export const renderNetwork = ({ host, ownPods }: Worker): string =>
  `${JSON.stringify(
    {
      cniVersion: "0.4.0",
      name: "tandem",
      plugins: [
        {
          type: "calico",
          datastore_type: "kubernetes",
          nodename: host.name,
          nodename_file_optional: true,
          log_level: "warning",
          mtu: 1500,
          ipam: { type: "host-local", ranges: [[{ subnet: ownPods }]] },
          policy: { type: "k8s" },
          kubernetes: { kubeconfig: paths.calicoKubeconfig },
        },
      ],
    },
    undefined,
    2,
  )}\n`;

/** Felix enforces network policies: it reads them from the API and writes rules of its own; tunnels and what it could report to others are off. */
export const felixEnvironment = ({ host }: Worker): Readonly<Record<string, string>> => ({
  KUBECONFIG: paths.calicoKubeconfig,
  USE_POD_CIDR: "true",
  FELIX_BPFENABLED: "false",
  FELIX_DATASTORETYPE: "kubernetes",
  // What a pod may send to its own host is for the host's rules to say.
  FELIX_DEFAULTENDPOINTTOHOSTACTION: "ACCEPT",
  FELIX_FELIXHOSTNAME: host.name,
  FELIX_HEALTHENABLED: "true",
  FELIX_HEALTHHOST: "127.0.0.1",
  FELIX_HEALTHPORT: String(workerPorts.networkHealth),
  FELIX_IPINIPENABLED: "false",
  FELIX_IPTABLESBACKEND: "NFT",
  FELIX_IPV6SUPPORT: "false",
  FELIX_LOGFILEPATH: "none",
  FELIX_LOGSEVERITYSCREEN: "Warning",
  FELIX_LOGSEVERITYSYS: "none",
  FELIX_METADATAADDR: "none",
  FELIX_USAGEREPORTINGENABLED: "false",
  FELIX_VXLANENABLED: "false",
  FELIX_XDPENABLED: "false",
});
