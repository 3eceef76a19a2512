import { type ChildProcess, execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { renderAccounts } from "../../components/database/accounts.render.ts";
import { databaseCluster } from "../../components/database/cluster.render.ts";
import type { Site, Topology } from "../../environments/model/topology.ts";
import { buildImage } from "../../scripts/lab/images.ts";
import { serviceImages } from "../../scripts/lab/service-images.ts";
import { spawnOwned } from "./interrupted.ts";
import { freePort } from "./sshd.ts";
import { until } from "./until.ts";

/** One server of the lab's database image on loopback, without Galera, with the accounts that the component makes. Needs root, as the lab does. */
export interface MariaDb {
  readonly port: number;
  /** What a statement of the server's root answers. */
  sql(statement: string): string;
  /** Stands still, or goes on: it neither answers nor closes a connection meanwhile. */
  hang(yes: boolean): void;
  stop(): Promise<void>;
}

export interface MariaDbCredentials {
  /** PEM. */
  readonly authorities: string;
  /** Certificate and key in one PEM text. */
  readonly server: string;
}

export async function startMariaDb(topology: Topology, site: Site, credentials: MariaDbCredentials): Promise<MariaDb> {
  const { file } = await buildImage(serviceImages.database, () => {});
  const root = mkdtempSync(join(tmpdir(), "tandem-mariadb-"));
  let server: ChildProcess | undefined;
  const stop = async (): Promise<void> => {
    if (server && server.exitCode === null && server.signalCode === null) {
      const exited = once(server, "exit");
      server.kill("SIGKILL");
      await exited;
    }
    rmSync(root, { recursive: true, force: true });
  };
  try {
    execFileSync("tar", ["--extract", `--file=${file}`, `--directory=${root}`]);
    const port = await freePort();
    mkdirSync(join(root, "test/data"), { recursive: true });
    writeFileSync(join(root, "etc/hosts"), `127.0.0.1 localhost ${execFileSync("hostname", { encoding: "utf8" })}`);
    writeFileSync(join(root, "test/authorities.pem"), credentials.authorities);
    writeFileSync(join(root, "test/server.pem"), credentials.server);
    writeFileSync(
      join(root, "test/accounts.sql"),
      renderAccounts({ ...databaseCluster(topology, site), flavor: "mariadb-galera" }),
    );
    writeFileSync(join(root, "test/my.cnf"), configuration(port));
    const log = join(root, "test/log");
    const output = openSync(log, "a");
    const inside = (command: string): void => {
      execFileSync("chroot", [root, "sh", "-c", command], { stdio: ["ignore", output, output] });
    };
    inside("mysql_install_db --defaults-file=/test/my.cnf --skip-test-db --auth-root-authentication-method=socket");
    inside("mysqld --defaults-file=/test/my.cnf --bootstrap < /test/accounts.sql");
    server = spawnOwned("chroot", [root, "mysqld", "--defaults-file=/test/my.cnf"], { stdio: ["ignore", output, output] });
    await until("the database listens", () => /ready for connections/.test(readFileSync(log, "utf8")), 30_000);
    const client = ["mysql", "--no-defaults", "--socket=/test/socket", "--batch", "--skip-column-names"];
    const sql = (statement: string): string =>
      execFileSync("chroot", [root, ...client, `--execute=${statement}`], { encoding: "utf8" }).trim();
    const hang = (yes: boolean): void => void server?.kill(yes ? "SIGSTOP" : "SIGCONT");
    return { port, sql, hang, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

const configuration = (port: number): string =>
  [
    "[mysqld]",
    "user = root",
    "bind_address = 127.0.0.1",
    `port = ${port}`,
    "datadir = /test/data",
    "socket = /test/socket",
    "pid_file = /test/pid",
    "innodb_buffer_pool_size = 64M",
    "require_secure_transport = ON",
    "skip_name_resolve = ON",
    "ssl_ca = /test/authorities.pem",
    "ssl_cert = /test/server.pem",
    "ssl_key = /test/server.pem",
    "",
  ].join("\n");
