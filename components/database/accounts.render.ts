import { type DatabaseCluster, databasePaths, decisionFile } from "./cluster.render.ts";

/** What an account of the database is for. */
export const databasePurposes = ["backup", "datastore", "health-check", "monitoring", "replication"] as const;
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

const accounts: Readonly<Record<DatabasePurpose, Account>> = {
  backup: {
    from: "localhost",
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
  "health-check": { from: "localhost", connections: 30, grants: same() },
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

/** The subject of a client certificate, as the server compares it. Only the other site replicates from this one. */
export function subjectOf(cluster: DatabaseCluster, purpose: DatabasePurpose): string {
  const site = purpose === "replication" ? cluster.otherSite : cluster.site;
  return `/O=${cluster.organization}/OU=${site}/CN=database-${purpose}`;
}

const quoted = (text: string): string => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "''")}'`;

/** The accounts, one a purpose. Each is proved by a client certificate of that purpose: the text holds no secret, and there is no password. */
export function renderAccounts(cluster: DatabaseCluster): string {
  const statements = databasePurposes.flatMap((purpose) => {
    const { from, connections, grants } = accounts[purpose];
    const account = `${quoted(purpose)}@${quoted(from)}`;
    return [
      `CREATE USER ${account} REQUIRE SUBJECT ${quoted(subjectOf(cluster, purpose))}${connections > 0 ? ` WITH MAX_USER_CONNECTIONS ${connections}` : ""}`,
      ...grants[cluster.flavor].map((grant) => `GRANT ${grant} TO ${account}`),
    ];
  });
  // A server that is being made takes account statements only from here on.
  const all = [
    "FLUSH PRIVILEGES",
    `CREATE DATABASE ${datastoreSchema} CHARACTER SET utf8mb4`,
    ...statements,
    ...ownAccounts[cluster.flavor],
  ];
  return ["-- Managed by Tandem: run once, when the cluster is made.", ...all.map((statement) => `${statement};`), ""].join("\n");
}

/** Root of the container logs in by the socket. MariaDB's state transfer does as the server's own account; Percona's makes its own. */
const ownAccounts: Readonly<Record<DatabaseCluster["flavor"], readonly string[]>> = {
  "percona-xtradb-cluster": ["ALTER USER 'root'@'localhost' IDENTIFIED WITH auth_socket"],
  "mariadb-galera": [
    "CREATE OR REPLACE USER 'tandem-service'@'localhost' IDENTIFIED VIA unix_socket",
    "GRANT BINLOG MONITOR, LOCK TABLES, PROCESS, RELOAD ON *.* TO 'tandem-service'@'localhost'",
  ],
};

/**
 * Makes the cluster's first data on one node, once in the cluster's life, and leaves word that the cluster begins here. An act of its own,
 * recorded by whoever runs it; a node's start never does it.
 */
export function renderInitialise(cluster: DatabaseCluster): string {
  const { accounts: sql, data, serverConfiguration } = databasePaths;
  return `#!/bin/sh
# Managed by Tandem: changes by hand are found and reported.
# Makes the first data of cluster ${cluster.name}: once in its life, on one node.
set -eu
[ -z "$(ls -A ${data})" ] || { echo "${data} is not empty: cluster ${cluster.name} was made before; nothing was changed" >&2; exit 1; }
${make[cluster.flavor](sql, serverConfiguration)}
touch ${decisionFile}
`;
}

const make: Readonly<Record<DatabaseCluster["flavor"], (sql: string, serverConfiguration: string) => string>> = {
  "percona-xtradb-cluster": (sql, file) => `mysqld --defaults-file=${file} --initialize-insecure --init-file=${sql}`,
  "mariadb-galera": (
    sql,
    file,
  ) => `mysql_install_db --defaults-file=${file} --skip-test-db --auth-root-authentication-method=socket --auth-root-socket-user=root
mysqld --defaults-file=${file} --bootstrap --wsrep-on=OFF < ${sql}`,
};
