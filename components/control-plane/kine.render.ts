import { controlPlanePorts, databasePorts } from "../../environments/model/ports.ts";
import { datastoreSchema } from "../database/accounts.render.ts";
import { connectionsOfClient } from "../database/cluster.render.ts";
import { type ControlPlaneCluster, controlPlanePaths } from "./cluster.render.ts";
import { certificateAndKey, renderFlags } from "./flags.render.ts";

/**
 * Seconds that kine waits for the database's answer: a balancer that died with a question under way would be noticed by the kernel's
 * keepalive only, after 15. Below the ten in which controllers have to renew their lease in mode `fast`.
 */
const answerSeconds = 8;

/**
 * kine of a host, for its own API server. It logs in to the database by certificate, so its endpoint has no password. That certificate
 * files are given turns TLS on and verifies the server; DSN parameters for it would be overridden (kine 0.16, pkg/drivers/mysql).
 */
export function renderKineFlags(cluster: ControlPlaneCluster): string[] {
  const paths = controlPlanePaths;
  const timeouts = `readTimeout=${answerSeconds}s&writeTimeout=${answerSeconds}s`;
  return renderFlags({
    endpoint: `mysql://datastore@tcp(${cluster.datastoreAddress}:${databasePorts.clients})/${datastoreSchema}?${timeouts}`,
    "ca-file": paths.authorities,
    ...certificateAndKey("cert-file", "key-file", paths.datastore),
    // As many as the database has room for; kine's own default is no bound.
    "datastore-max-open-connections": connectionsOfClient["control-plane"],
    "listen-address": `tcp://127.0.0.1:${controlPlanePorts.kine}`,
    ...certificateAndKey("server-cert-file", "server-key-file", paths.kine),
    // Whoever asks shows a certificate too.
    "trusted-ca-file": paths.authorities,
    "metrics-bind-address": `127.0.0.1:${controlPlanePorts.kineMetrics}`,
  });
}
