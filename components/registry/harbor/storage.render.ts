import { harborPorts, openHarborPorts } from "../../../environments/model/ports.ts";
import { renderYaml } from "../../control-plane/yaml.render.ts";
import {
  accounts,
  answers,
  type HarborPart,
  harborData,
  harborFile,
  loopback,
  redisDatabase,
  renderEnvironment,
  startedByShell,
  storageUser,
} from "./harbor.render.ts";

// Where images lie: distribution, and Harbor's own program beside it, which takes out of the same files what garbage collection found.

/** https://distribution.github.io/distribution/about/configuration/ of its version 2.8. Its secrets come by its environment. */
export const renderStorage = (): string =>
  renderYaml({
    version: 0.1,
    log: { level: "info", fields: { service: "registry" } },
    storage: {
      filesystem: { rootdirectory: harborData("registry") },
      cache: { blobdescriptor: "redis" },
      delete: { enabled: true },
      maintenance: { uploadpurging: { enabled: true, age: "168h", interval: "24h", dryrun: false } },
    },
    redis: {
      addr: `127.0.0.1:${harborPorts.redis}`,
      db: redisDatabase("registry"),
      ...{ dialtimeout: "10s", readtimeout: "10s", writetimeout: "10s" },
      pool: { maxidle: 100, maxactive: 500, idletimeout: "60s" },
    },
    http: {
      addr: `127.0.0.1:${harborPorts.registry}`,
      draintimeout: "30s",
      debug: { addr: `127.0.0.1:${harborPorts.registryMetrics}`, prometheus: { enabled: true, path: "/metrics" } },
    },
    auth: { htpasswd: { realm: "harbor-registry-basic-realm", path: harborFile("registry.accounts") } },
    // Harbor's core is all that asks it, and has looked at what it hands on.
    validation: { disabled: true },
  });

/** https://github.com/goharbor/harbor/blob/v2.13.2/src/registryctl/config/config.go */
export const renderStorageController = (): string =>
  renderYaml({
    protocol: "http",
    // Of all addresses: it takes no other.
    port: openHarborPorts.registryctl,
    log_level: "INFO",
    registry_config: "/etc/registry/config.yml",
  });

export const registryPart = (): HarborPart => {
  const { files, ...start } = startedByShell("registry", {
    placed: { "registry.yml": "/etc/registry/config.yml" },
    secrets: ({ redis, uploads }) => renderEnvironment({ REGISTRY_HTTP_SECRET: uploads, REGISTRY_REDIS_PASSWORD: redis }),
    run: "/home/harbor/entrypoint.sh",
  });
  return {
    name: "registry",
    user: accounts.harbor,
    memoryShare: 0.2,
    // Uploads that are under way end.
    graceSeconds: 35,
    ...start,
    health: { command: answers(`${loopback(harborPorts.registry)}/`), startSeconds: 30 },
    data: "registry",
    memory: ["/etc/registry"],
    files: [
      { name: "registry.yml", content: renderStorage() },
      // One line, and only bcrypt: https://distribution.github.io/distribution/about/configuration/#htpasswd
      { name: "registry.accounts", secret: ({ storageHash }) => `${storageUser}:${storageHash}\n` },
      ...files,
    ],
    reads: [],
    after: ["redis"],
  };
};

export const registryctlPart = (): HarborPart => {
  const { files, ...start } = startedByShell("registryctl", {
    placed: { "registry.yml": "/etc/registry/config.yml", "registryctl.yml": "/etc/registryctl/config.yml" },
    secrets: ({ core, jobservice }) => renderEnvironment({ CORE_SECRET: core, JOBSERVICE_SECRET: jobservice }),
    run: "/home/harbor/start.sh",
  });
  return {
    name: "registryctl",
    user: accounts.harbor,
    memoryShare: 0.03,
    graceSeconds: 5,
    ...start,
    health: { command: answers(`${loopback(openHarborPorts.registryctl)}/api/health`), startSeconds: 30 },
    data: "registry",
    memory: ["/etc/registry", "/etc/registryctl"],
    files: [{ name: "registryctl.yml", content: renderStorageController() }, ...files],
    reads: ["registry.yml"],
    after: ["registry"],
  };
};
