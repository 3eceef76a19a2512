import { harborPorts } from "../../../environments/model/ports.ts";
import { managed } from "../../managed.render.ts";
import { accounts, type HarborPart, harborData, harborFile } from "./harbor.render.ts";

/** Connections of core and jobservice each; the exporter's; a few for people. */
export const databaseConnections = { pool: 100, exporter: 20, people: 30 } as const;

export const databaseUser = "postgres";
export const databaseName = "registry";

/**
 * Read by bash before the image's own start, whose arguments say which version's data it brings up to date and are the image's alone. That start hands the server no
 * settings on, and what it makes lets everybody in who is on the host, without a password: so they are added where it becomes the server.
 * https://github.com/goharbor/harbor/blob/v2.13.2/make/photon/db/docker-entrypoint.sh, initdb.sh there; https://www.gnu.org/software/bash/manual/bash.html#index-BASH_005fENV
 */
export const renderDatabaseStart = (): string => {
  const { pool, exporter, people } = databaseConnections;
  const settings = {
    listen_addresses: "127.0.0.1",
    port: harborPorts.database,
    hba_file: harborFile("database.hba"),
    // A container's /dev/shm has 64 MB.
    dynamic_shared_memory_type: "mmap",
  };
  return `# ${managed}
export PGDATA=${harborData("database")}
export POSTGRES_PASSWORD_FILE=${harborFile("database.password")}
export POSTGRES_MAX_CONNECTIONS=${2 * pool + exporter + people}
exec() {
  if [ "\${1-}" = postgres ]; then
    builtin exec "$@" ${Object.entries(settings)
      .map(([key, value]) => `-c ${key}=${value}`)
      .join(" ")}
  fi
  builtin exec "$@"
}
`;
};

/** https://www.postgresql.org/docs/15/auth-pg-hba-conf.html: who is not in it is refused. */
export const renderDatabaseClients = (): string => `# ${managed}
# TYPE DATABASE USER ADDRESS METHOD
host all ${databaseUser} 127.0.0.1/32 scram-sha-256
`;

const ask = `PGPASSWORD=$(cat ${harborFile("database.password")}) exec psql --host=127.0.0.1 --port=${harborPorts.database} --username=${databaseUser} --dbname=${databaseName} --quiet --command='SELECT 1'`;

export const databasePart = (): HarborPart => ({
  name: "database",
  user: accounts.data,
  memoryShare: 0.15,
  // By INT clients are sent away and all is written; by TERM it would wait for them to leave. https://www.postgresql.org/docs/15/server-shutdown.html
  ...{ graceSeconds: 60, stopSignal: "SIGINT" },
  environment: { BASH_ENV: harborFile("database.bash") },
  health: { command: ["sh", "-c", ask], startSeconds: 90 },
  data: "database",
  memory: [],
  files: [
    { name: "database.bash", content: renderDatabaseStart(), check: 'bash -n "$candidate"' },
    { name: "database.hba", content: renderDatabaseClients() },
    { name: "database.password", secret: ({ database }) => `${database}\n` },
  ],
  reads: [],
  after: [],
});
