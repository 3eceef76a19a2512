import { harborPorts } from "../../../environments/model/ports.ts";
import {
  accounts,
  answers,
  type HarborPart,
  type HarborSecrets,
  harborData,
  loopback,
  redisUrl,
  renderEnvironment,
  startedByShell,
} from "./harbor.render.ts";

/** Its databases, which people bring (docs/registry.md), and what it found. */
const directories = { cache: `${harborData("trivy")}/trivy`, reports: `${harborData("trivy")}/reports` } as const;

/**
 * It downloads nothing, and asks nobody about what it finds.
 * https://github.com/goharbor/harbor-scanner-trivy#configuration, https://trivy.dev/latest/docs/advanced/air-gap/
 */
export const renderTrivy = (): string =>
  renderEnvironment({
    SCANNER_API_SERVER_ADDR: `127.0.0.1:${harborPorts.trivy}`,
    SCANNER_JOB_QUEUE_REDIS_NAMESPACE: "harbor.scanner.trivy:job-queue",
    SCANNER_LOG_LEVEL: "info",
    SCANNER_STORE_REDIS_NAMESPACE: "harbor.scanner.trivy:store",
    SCANNER_TRIVY_CACHE_DIR: directories.cache,
    SCANNER_TRIVY_IGNORE_UNFIXED: "false",
    SCANNER_TRIVY_OFFLINE_SCAN: "true",
    SCANNER_TRIVY_REPORTS_DIR: directories.reports,
    SCANNER_TRIVY_SEVERITY: "UNKNOWN,LOW,MEDIUM,HIGH,CRITICAL",
    SCANNER_TRIVY_SKIP_JAVA_DB_UPDATE: "true",
    SCANNER_TRIVY_SKIP_UPDATE: "true",
    SCANNER_TRIVY_TIMEOUT: "10m0s",
    SCANNER_TRIVY_VULN_TYPE: "os,library",
  });

export const renderTrivySecrets = (secrets: HarborSecrets): string => {
  const url = redisUrl("trivy", secrets);
  return renderEnvironment({ SCANNER_JOB_QUEUE_REDIS_URL: url, SCANNER_REDIS_URL: url, SCANNER_STORE_REDIS_URL: url });
};

export const trivyPart = (): HarborPart => ({
  name: "trivy",
  user: accounts.harbor,
  memoryShare: 0.1,
  graceSeconds: 5,
  ...startedByShell("trivy", { environment: renderTrivy(), secrets: renderTrivySecrets, run: "/home/scanner/entrypoint.sh" }),
  health: { command: answers(`${loopback(harborPorts.trivy)}/probe/healthy`), startSeconds: 30 },
  data: "trivy",
  memory: [],
  reads: [],
  after: ["redis"],
});
