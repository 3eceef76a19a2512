import { harborPorts, openHarborPorts } from "../../../environments/model/ports.ts";
import { databaseConnections, databaseName, databaseUser } from "./database.render.ts";
import {
  accounts,
  answers,
  type HarborPart,
  type HarborSecrets,
  loopback,
  redisUrl,
  renderEnvironment,
  startedByShell,
} from "./harbor.render.ts";
import { jobsNamespace } from "./jobservice.render.ts";

/** Metrics of all of Harbor. https://github.com/goharbor/harbor/blob/v2.13.2/src/cmd/exporter/main.go: it listens on all addresses, and asks nobody for a password. */
export const renderExporter = (): string =>
  renderEnvironment({
    HARBOR_DATABASE_DBNAME: databaseName,
    HARBOR_DATABASE_HOST: "127.0.0.1",
    HARBOR_DATABASE_MAX_IDLE_CONNS: 2,
    HARBOR_DATABASE_MAX_OPEN_CONNS: databaseConnections.exporter,
    HARBOR_DATABASE_PORT: harborPorts.database,
    HARBOR_DATABASE_SSLMODE: "disable",
    HARBOR_DATABASE_USERNAME: databaseUser,
    HARBOR_EXPORTER_CACHE_CLEAN_INTERVAL: 14400,
    HARBOR_EXPORTER_CACHE_TIME: 23,
    HARBOR_EXPORTER_MAX_REQUESTS: 30,
    HARBOR_EXPORTER_METRICS_ENABLED: "true",
    HARBOR_EXPORTER_METRICS_PATH: "/metrics",
    HARBOR_EXPORTER_PORT: openHarborPorts.exporter,
    HARBOR_METRIC_NAMESPACE: "harbor",
    HARBOR_METRIC_SUBSYSTEM: "exporter",
    HARBOR_REDIS_NAMESPACE: jobsNamespace,
    HARBOR_REDIS_TIMEOUT: 3600,
    HARBOR_SERVICE_HOST: "127.0.0.1",
    HARBOR_SERVICE_PORT: harborPorts.core,
    HARBOR_SERVICE_SCHEME: "http",
    LOG_LEVEL: "info",
  });

export const renderExporterSecrets = (secrets: HarborSecrets): string =>
  renderEnvironment({ HARBOR_DATABASE_PASSWORD: secrets.database, HARBOR_REDIS_URL: redisUrl("jobservice", secrets) });

export const exporterPart = (): HarborPart => ({
  name: "exporter",
  user: accounts.harbor,
  memoryShare: 0.02,
  graceSeconds: 5,
  ...startedByShell("exporter", { environment: renderExporter(), secrets: renderExporterSecrets, run: "/harbor/entrypoint.sh" }),
  health: { command: answers(`${loopback(openHarborPorts.exporter)}/`), startSeconds: 30 },
  memory: [],
  reads: [],
  after: ["core"],
});
