import { harborPorts, openHarborPorts } from "../../../environments/model/ports.ts";
import { managed } from "../../managed.render.ts";
import { databaseConnections, databaseName, databaseUser } from "./database.render.ts";
import {
  accounts,
  answers,
  authoritiesFile,
  type HarborPart,
  type HarborSecrets,
  harborFile,
  loopback,
  redisUrl,
  renderEnvironment,
  type SiteHarbor,
  startedByShell,
  storageUser,
} from "./harbor.render.ts";

/** Jobs at a time. */
export const jobWorkers = 10;

/** Where balancers ask whether it serves. `/api/v2.0/health` answers with status 200 whatever it has found. */
export const corePing = "/api/v2.0/ping";

/** Read by what it serves with: https://github.com/beego/beego/blob/v2.3.4/server/web/config.go looks for `conf/app.conf` where the program is. */
export const renderCoreServer = (): string => `# ${managed}
appname = Harbor
runmode = prod
enablegzip = true

[prod]
httpaddr = 127.0.0.1
httpport = ${harborPorts.core}
`;

/** https://github.com/goharbor/harbor/blob/v2.13.2/make/photon/prepare/templates/core/env.jinja */
export const renderCore = ({ url }: Pick<SiteHarbor, "url">): string =>
  renderEnvironment({
    CONFIG_PATH: coreServerFile,
    CORE_LOCAL_URL: loopback(harborPorts.core),
    CORE_URL: loopback(harborPorts.core),
    DATABASE_TYPE: "postgresql",
    EXT_ENDPOINT: url,
    JOBSERVICE_URL: loopback(openHarborPorts.jobservice),
    KEY_PATH: harborFile("core.key"),
    LOG_LEVEL: "info",
    MAX_JOB_WORKERS: jobWorkers,
    PORT: harborPorts.core,
    PORTAL_URL: loopback(harborPorts.portal),
    POSTGRESQL_DATABASE: databaseName,
    POSTGRESQL_HOST: "127.0.0.1",
    POSTGRESQL_MAX_IDLE_CONNS: databaseConnections.pool / 2,
    POSTGRESQL_MAX_OPEN_CONNS: databaseConnections.pool,
    POSTGRESQL_PORT: harborPorts.database,
    POSTGRESQL_SSLMODE: "disable",
    POSTGRESQL_USERNAME: databaseUser,
    QUOTA_UPDATE_PROVIDER: "db",
    REGISTRY_CONTROLLER_URL: loopback(openHarborPorts.registryctl),
    REGISTRY_CREDENTIAL_USERNAME: storageUser,
    REGISTRY_STORAGE_PROVIDER_NAME: "filesystem",
    REGISTRY_URL: loopback(harborPorts.registry),
    SYNC_QUOTA: "true",
    TOKEN_PRIVATE_KEY_PATH: harborFile("core.token.pem"),
    TOKEN_SERVICE_URL: `${loopback(harborPorts.core)}/service/token`,
    TRIVY_ADAPTER_URL: loopback(harborPorts.trivy),
    WITH_TRIVY: "true",
  });

/** Its administrator's password counts on its first start alone: from then on it is in its database. */
export const renderCoreSecrets = (secrets: HarborSecrets): string =>
  renderEnvironment({
    CORE_SECRET: secrets.core,
    // 32 characters: it takes no other length. https://github.com/goharbor/harbor/blob/v2.13.2/src/server/middleware/csrf/csrf.go
    CSRF_KEY: secrets.csrf,
    HARBOR_ADMIN_PASSWORD: secrets.administrator,
    JOBSERVICE_SECRET: secrets.jobservice,
    POSTGRESQL_PASSWORD: secrets.database,
    REGISTRY_CREDENTIAL_PASSWORD: secrets.storage,
    _REDIS_URL_CORE: redisUrl("core", secrets),
    _REDIS_URL_REG: redisUrl("registry", secrets),
  });

/** What it encrypts with in its database: 16 characters for AES-128, and not a line's end more. The same at both sites. */
export const renderEncryptionKey = ({ encryption }: Pick<HarborSecrets, "encryption">): string => encryption.slice(0, 16);

const coreServerFile = "/harbor/conf/app.conf";

export const corePart = (site: SiteHarbor): HarborPart => {
  const { files, ...start } = startedByShell("core", {
    placed: { "core.conf": coreServerFile, [authoritiesFile]: `/harbor_cust_cert/${authoritiesFile}` },
    ...{ environment: renderCore(site), secrets: renderCoreSecrets, run: "/harbor/entrypoint.sh" },
  });
  return {
    name: "core",
    user: accounts.harbor,
    memoryShare: 0.2,
    graceSeconds: 15,
    ...start,
    // Brings its database's tables up to date first.
    health: { command: answers(`${loopback(harborPorts.core)}${corePing}`), startSeconds: 90 },
    memory: ["/harbor/conf", "/harbor_cust_cert"],
    files: [
      { name: "core.conf", content: renderCoreServer() },
      { name: "core.key", secret: renderEncryptionKey },
      { name: "core.token.pem", secret: ({ tokenKey }) => tokenKey, check: 'openssl pkey -noout -in "$candidate"' },
      ...files,
    ],
    reads: [authoritiesFile],
    after: ["database", "redis", "registry", "registryctl", "trivy", "portal"],
  };
};
