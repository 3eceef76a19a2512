import { controlPlanePorts } from "../../environments/model/ports.ts";
import { controlPlanePaths as paths } from "./cluster.render.ts";
import { certificateAndKey, delegating, renderFlags, tlsFloor } from "./flags.render.ts";

/** Seconds between two looks at every kubelet. */
const resolutionSeconds = 30;

/** What nodes and pods use, asked of each kubelet as the user of its kubeconfig, for the API server of its host. */
export const renderMetricsServerFlags = (): string[] =>
  renderFlags({
    "bind-address": "127.0.0.1",
    "secure-port": controlPlanePorts.metrics,
    ...certificateAndKey("tls-cert-file", "tls-private-key-file", paths.metricsServer),
    ...tlsFloor,
    ...delegating(paths.metricsServerKubeconfig),
    "kubelet-certificate-authority": paths.kubernetesAuthorities,
    "kubelet-preferred-address-types": "InternalIP",
    "kubelet-use-node-status-port": true,
    "metric-resolution": `${resolutionSeconds}s`,
  });
