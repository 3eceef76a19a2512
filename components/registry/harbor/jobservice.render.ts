import { harborPorts, openHarborPorts } from "../../../environments/model/ports.ts";
import { renderYaml } from "../../control-plane/yaml.render.ts";
import { jobWorkers } from "./core.render.ts";
import {
  accounts,
  answers,
  authoritiesFile,
  type HarborPart,
  type HarborSecrets,
  harborData,
  loopback,
  redisUrl,
  renderEnvironment,
  startedByShell,
  storageUser,
} from "./harbor.render.ts";

export const jobsNamespace = "harbor_job_service_namespace";

/** Days that a job's log is kept. */
const logDays = 14;

/** https://github.com/goharbor/harbor/blob/v2.13.2/src/jobservice/config/config.go. Where Redis is comes by its environment, because it has a password. */
export const renderJobs = (): string =>
  renderYaml({
    protocol: "http",
    // Of all addresses: it takes no other.
    port: openHarborPorts.jobservice,
    worker_pool: {
      workers: jobWorkers,
      backend: "redis",
      redis_pool: { namespace: jobsNamespace, idle_timeout_second: 3600 },
    },
    job_loggers: [
      {
        name: "FILE",
        level: "INFO",
        settings: { base_dir: harborData("jobservice") },
        sweeper: { duration: logDays, settings: { work_dir: harborData("jobservice") } },
      },
    ],
    loggers: [{ name: "STD_OUTPUT", level: "INFO" }],
    reaper: { max_update_hours: 24, max_dangling_hours: 168 },
  });

/** https://github.com/goharbor/harbor/blob/v2.13.2/make/photon/prepare/templates/jobservice/env.jinja */
export const renderJobsEnvironment = (): string =>
  renderEnvironment({
    CORE_URL: loopback(harborPorts.core),
    JOBSERVICE_WEBHOOK_JOB_HTTP_CLIENT_TIMEOUT: 3,
    JOBSERVICE_WEBHOOK_JOB_MAX_RETRY: 3,
    REGISTRY_CONTROLLER_URL: loopback(openHarborPorts.registryctl),
    REGISTRY_CREDENTIAL_USERNAME: storageUser,
    REGISTRY_URL: loopback(harborPorts.registry),
  });

export const renderJobsSecrets = (secrets: HarborSecrets): string =>
  renderEnvironment({
    CORE_SECRET: secrets.core,
    JOBSERVICE_SECRET: secrets.jobservice,
    JOB_SERVICE_POOL_REDIS_URL: redisUrl("jobservice", secrets),
    REGISTRY_CREDENTIAL_PASSWORD: secrets.storage,
  });

export const jobservicePart = (): HarborPart => {
  const { files, ...start } = startedByShell("jobservice", {
    placed: { "jobservice.yml": "/etc/jobservice/config.yml", [authoritiesFile]: `/harbor_cust_cert/${authoritiesFile}` },
    ...{ environment: renderJobsEnvironment(), secrets: renderJobsSecrets, run: "/harbor/entrypoint.sh" },
  });
  return {
    name: "jobservice",
    user: accounts.harbor,
    memoryShare: 0.1,
    // A job that is under way begins anew afterwards.
    graceSeconds: 15,
    ...start,
    health: { command: answers(`${loopback(openHarborPorts.jobservice)}/api/v1/stats`), startSeconds: 60 },
    data: "jobservice",
    memory: ["/etc/jobservice", "/harbor_cust_cert"],
    files: [{ name: "jobservice.yml", content: renderJobs() }, ...files],
    reads: [authoritiesFile],
    after: ["core"],
  };
};
