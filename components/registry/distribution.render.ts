import { registryPorts } from "../../environments/model/ports.ts";
import { renderYaml } from "../control-plane/yaml.render.ts";
import { registryPaths, type SiteRegistry } from "./registry.render.ts";

/**
 * The lab's registry, which stands in for Harbor: distribution 2.8 on loopback, behind what asks for passwords. It tells of each image that is pushed where
 * replication listens. https://distribution.github.io/distribution/about/configuration/
 */
export const renderDistribution = ({ isFilledHere }: SiteRegistry): string =>
  renderYaml({
    version: 0.1,
    log: { level: "warn", formatter: "text", accesslog: { disabled: true } },
    storage: {
      filesystem: { rootdirectory: registryPaths.data },
      // Nobody takes an image away: what the standby site lacks must come from somewhere.
      delete: { enabled: false },
      maintenance: { uploadpurging: { enabled: true, age: "24h", interval: "24h", dryrun: false } },
    },
    http: {
      addr: `127.0.0.1:${registryPorts.registry}`,
      relativeurls: true,
      draintimeout: "30s",
      debug: { addr: `127.0.0.1:${registryPorts.registryMetrics}`, prometheus: { enabled: true, path: "/metrics" } },
    },
    ...(isFilledHere && { notifications: { endpoints: [replication] } }),
  });

/** Layers are of no interest, and neither is who pulls. */
const replication = {
  name: "replication",
  url: `http://127.0.0.1:${registryPorts.events}/`,
  timeout: "10s",
  threshold: 3,
  backoff: "5s",
  ignore: { actions: ["pull", "mount", "delete"], mediatypes: ["application/octet-stream"] },
} as const;

/** Its container's command, for a shell. How far another one followed it, while this site was active, is nothing to go on from when it is so again. */
export const startDistribution = ({ isFilledHere }: Pick<SiteRegistry, "isFilledHere">): string =>
  `${isFilledHere ? "" : `rm -rf ${registryPaths.replicated}; `}exec docker-registry serve ${registryPaths.server}`;

/** Succeeds when it serves. */
export const distributionHealth: readonly string[] = [
  ...["curl", "--silent", "--fail", "--max-time", "2", "--output", "/dev/null"],
  `http://127.0.0.1:${registryPorts.registryMetrics}/debug/health`,
];
