import { managed } from "../managed.render.ts";
import { type DatabaseCluster, databasePaths } from "./cluster.render.ts";

/** What an account of the database is for. */
export const databasePurposes = ["backup", "datastore", "drill", "health-check", "monitoring", "replication"] as const;
export type DatabasePurpose = (typeof databasePurposes)[number];

interface Account {
  /** From its own host only, or through the balancers and from the other site. */
  readonly from: "localhost" | "%";
  /** Most connections at a time; 0: as many as the server has. */
  readonly connections: number;
  readonly grants: Readonly<Record<DatabaseCluster["flavor"], readonly string[]>>;
}

const same = (...grants: string[]): Account["grants"] => ({ "percona-xtradb-cluster": grants, "mariadb-galera": grants });

/** kine's database. */
export const datastoreSchema = "kubernetes";
/** Rows that a drill writes to see what a client sees. */
export const drillSchema = "drill";
/** Which node is the writer: one row; and the row that kine's inserts take in turn. */
export const roleSchema = "tandem";
export const turnTable = `${roleSchema}.turn`;

const ofAgent = [`SELECT, UPDATE ON ${roleSchema}.writer`, `SELECT, UPDATE ON ${turnTable}`, `TRIGGER ON ${datastoreSchema}.*`];

const accounts: Readonly<Record<DatabasePurpose, Account>> = {
  // From another container of the node's host, which reaches it over the network.
  backup: {
    from: "%",
    connections: 4,
    grants: {
      "percona-xtradb-cluster": [
        "BACKUP_ADMIN, LOCK TABLES, PROCESS, RELOAD, REPLICATION CLIENT ON *.*",
        "SELECT ON performance_schema.keyring_component_status",
        "SELECT ON performance_schema.log_status",
        "SELECT ON performance_schema.replication_group_members",
      ],
      "mariadb-galera": ["BINLOG MONITOR, LOCK TABLES, PROCESS, RELOAD ON *.*"],
    },
  },
  datastore: {
    from: "%",
    connections: 0,
    grants: same(`ALTER, CREATE, DELETE, INDEX, INSERT, SELECT, UPDATE ON ${datastoreSchema}.*`),
  },
  drill: {
    from: "%",
    connections: 20,
    grants: same(`ALTER, CREATE, DELETE, DROP, INDEX, INSERT, SELECT, UPDATE ON ${drillSchema}.*`),
  },
  // The node's agent: looks, takes the writer's role, opens and closes its own node for writing, and lets kine's inserts take turns.
  "health-check": {
    from: "localhost",
    connections: 5,
    grants: {
      "percona-xtradb-cluster": ["CONNECTION_ADMIN, SYSTEM_VARIABLES_ADMIN ON *.*", ...ofAgent],
      "mariadb-galera": ["READ_ONLY ADMIN ON *.*", ...ofAgent],
    },
  },
  monitoring: {
    from: "localhost",
    connections: 3,
    grants: {
      "percona-xtradb-cluster": ["PROCESS, REPLICATION CLIENT ON *.*", "SELECT ON performance_schema.*"],
      "mariadb-galera": ["BINLOG MONITOR, PROCESS, SLAVE MONITOR ON *.*"],
    },
  },
  replication: { from: "%", connections: 4, grants: same("REPLICATION SLAVE ON *.*") },
};

/** As statements name it. */
export const accountName = (purpose: DatabasePurpose): string => `${quoted(purpose)}@${quoted(accounts[purpose].from)}`;

/** The subject of a client certificate, as the server compares it. Only the other site replicates from this one. */
export function subjectOf(cluster: DatabaseCluster, purpose: DatabasePurpose): string {
  const site = purpose === "replication" ? cluster.otherSite : cluster.site;
  return `/O=${cluster.organization}/OU=${site}/CN=database-${purpose}`;
}

const quoted = (text: string): string => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "''")}'`;

/**
 * The schemas and accounts, one a purpose. Each is proved by a client certificate of that purpose: the text holds no secret, and there is no password.
 * Every node runs it at each start, for itself alone: what changes here reaches a cluster that is there, node by node.
 */
export function renderAccounts(cluster: DatabaseCluster): string {
  const statements = databasePurposes.flatMap((purpose) => {
    const { connections, grants } = accounts[purpose];
    const account = accountName(purpose);
    return [
      `CREATE USER IF NOT EXISTS ${account}`,
      `ALTER USER ${account} REQUIRE SUBJECT ${quoted(subjectOf(cluster, purpose))} WITH MAX_USER_CONNECTIONS ${connections}`,
      `REVOKE ALL PRIVILEGES, GRANT OPTION FROM ${account}`,
      ...grants[cluster.flavor].map((grant) => `GRANT ${grant} TO ${account}`),
    ];
  });
  const all = [
    "SET SESSION wsrep_on = OFF, sql_log_bin = OFF",
    // A server that is being made takes account statements only from here on.
    "FLUSH PRIVILEGES",
    ...[datastoreSchema, drillSchema, roleSchema].map(
      (schema) => `CREATE DATABASE IF NOT EXISTS ${schema} CHARACTER SET utf8mb4`,
    ),
    `CREATE TABLE IF NOT EXISTS ${roleSchema}.writer (id TINYINT PRIMARY KEY, node VARCHAR(64) NOT NULL, term BIGINT NOT NULL, since DATETIME(3))`,
    `INSERT IGNORE INTO ${roleSchema}.writer VALUES (1, '', 0, NULL)`,
    `CREATE TABLE IF NOT EXISTS ${turnTable} (id TINYINT PRIMARY KEY)`,
    `INSERT IGNORE INTO ${turnTable} VALUES (1)`,
    ...statements,
    ...ownAccounts[cluster.flavor],
  ];
  return [`-- ${managed}`, ...all.map((statement) => `${statement};`), ""].join("\n");
}

/** Root of the container logs in by the socket. MariaDB's state transfer does as the server's own account; Percona's makes its own. */
const ownAccounts: Readonly<Record<DatabaseCluster["flavor"], readonly string[]>> = {
  "percona-xtradb-cluster": ["ALTER USER 'root'@'localhost' IDENTIFIED WITH auth_socket"],
  "mariadb-galera": [
    "CREATE OR REPLACE USER 'tandem-service'@'localhost' IDENTIFIED VIA unix_socket",
    "GRANT BINLOG MONITOR, LOCK TABLES, PROCESS, RELOAD ON *.* TO 'tandem-service'@'localhost'",
  ],
};

/** Makes the cluster's first data in an empty directory; the configuration names the accounts, which MariaDB's tool does not read. */
export const initialiseCommands: Readonly<Record<DatabaseCluster["flavor"], string>> = {
  "percona-xtradb-cluster": `mysqld --defaults-file=${databasePaths.serverConfiguration} --initialize-insecure`,
  "mariadb-galera": `mysql_install_db --defaults-file=${databasePaths.serverConfiguration} --skip-test-db --auth-root-authentication-method=socket --auth-root-socket-user=root > /dev/null &&
  mysqld --defaults-file=${databasePaths.serverConfiguration} --bootstrap --wsrep-on=OFF < ${databasePaths.accounts}`,
};
