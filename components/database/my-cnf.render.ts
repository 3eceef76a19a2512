import { hostNumber } from "../../environments/model/addresses.ts";
import { databasePorts } from "../../environments/model/ports.ts";
import { galeraPeriods } from "../../environments/model/timings.ts";
import type { Host } from "../../environments/model/topology.ts";
import { managed } from "../managed.render.ts";
import { type DatabaseCluster, databasePaths } from "./cluster.render.ts";

type Options = Readonly<Record<string, string | number>>;

/** The server configuration of one node. Where the flavors differ, they differ here and nowhere else. */
export function renderMyCnf(cluster: DatabaseCluster, member: Host): string {
  const server = { ...common(cluster, member), ...ofFlavor[cluster.flavor].server(cluster, member) };
  return [`# ${managed}`, ...section("mysqld", server), ...section("sst", ofFlavor[cluster.flavor].transfer)].join("\n");
}

const section = (name: string, options: Options): string[] => [
  `[${name}]`,
  ...Object.entries(options)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key} = ${value}`),
  "",
];

const mib = (gib: number): number => Math.floor(gib * 1024);

function common(cluster: DatabaseCluster, member: Host): Options {
  const bufferPoolMib = Math.floor(mib(cluster.size.memoryGib) * 0.6);
  return {
    // Clients come through the balancers' VIP, which lies on the storage plane; people log in at the host, by its socket.
    bind_address: member.addresses.storage,
    port: databasePorts.clients,
    datadir: databasePaths.data,
    init_file: databasePaths.accounts,
    socket: databasePaths.socket,
    pid_file: `${databasePaths.runtime}/mysqld.pid`,
    // Names come from nowhere: accounts are told apart by certificate, and a name server that is down delays nobody.
    skip_name_resolve: "ON",
    character_set_server: "utf8mb4",
    max_connections: cluster.maxConnections,
    innodb_buffer_pool_size: `${bufferPoolMib}M`,

    // An acknowledged row is on disk, and so is its place in the binary log: all nodes may lose power at once.
    innodb_flush_log_at_trx_commit: 1,
    sync_binlog: 1,

    // Only the node that holds the writer's role takes this back: a client that goes around the balancers can't make a second writer.
    read_only: "ON",

    // kine takes a hole in its numbers for a row that it has not seen yet; one writer alone needs no increments of its own.
    wsrep_auto_increment_control: "OFF",
    auto_increment_increment: 1,
    auto_increment_offset: 1,

    // Replication between the sites and restoring to a point in time read the binary log.
    log_bin: "binlog",
    binlog_format: "ROW",
    binlog_expire_logs_seconds: 7 * 24 * 3600,
    max_binlog_size: "256M",
    // An account without SUPER makes the trigger on kine's table: safe where rows are logged, not statements.
    log_bin_trust_function_creators: "ON",

    default_storage_engine: "InnoDB",
    innodb_autoinc_lock_mode: 2,

    ssl_ca: databasePaths.authorities,
    ssl_cert: databasePaths.serverPem,
    ssl_key: databasePaths.serverPem,
    require_secure_transport: "ON",
    tls_version: "TLSv1.2,TLSv1.3",

    wsrep_cluster_name: cluster.name,
    wsrep_cluster_address: `gcomm://${cluster.members.map(({ addresses }) => addresses.storage).join(",")}`,
    wsrep_node_name: member.name,
    wsrep_node_address: member.addresses.storage,
    wsrep_node_incoming_address: `${member.addresses.storage}:${databasePorts.clients}`,
  };
}

/** What Galera itself is told, with what the flavor adds. */
function providerOptions(cluster: DatabaseCluster, member: Host, more: Options): string {
  const { galeraKeepaliveSeconds, galeraSuspectSeconds, galeraInactiveSeconds } = cluster.timings;
  const { checkSeconds, repeatSeconds } = galeraPeriods(cluster.timings);
  const { cluster: port, incrementalTransfer } = databasePorts;
  const options: Options = {
    // The members agree on who is left in rounds of messages: each period is Galera's own part of the suspect timeout, or the rounds would
    // take longer than they may, and all of them would leave the primary component (https://galeracluster.com/library/documentation/galera-parameters.html).
    "evs.inactive_check_period": `PT${checkSeconds}S`,
    "evs.inactive_timeout": `PT${galeraInactiveSeconds}S`,
    "evs.install_timeout": `PT${galeraInactiveSeconds}S`,
    "evs.join_retrans_period": `PT${repeatSeconds}S`,
    "evs.keepalive_period": `PT${galeraKeepaliveSeconds}S`,
    "evs.suspect_timeout": `PT${galeraSuspectSeconds}S`,
    // A node that was away for this much change catches up without a full state transfer: a hundredth of its disk.
    "gcache.size": `${Math.max(64, Math.floor(mib(cluster.size.diskGib) / 100))}M`,
    // Kept over a crash, so that the first node of a cold start can serve the others from it.
    "gcache.recover": "yes",
    "gmcast.listen_addr": `tcp://${member.addresses.storage}:${port}`,
    "ist.recv_bind": `${member.addresses.storage}:${incrementalTransfer}`,
    // After a power failure of all, the members of the last primary component find one another again, and go on from the latest of their data.
    "pc.recovery": "yes",
    ...more,
  };
  const pairs = Object.entries(options).sort(([a], [b]) => (a < b ? -1 : 1));
  return `"${pairs.map(([key, value]) => `${key}=${value}`).join("; ")}"`;
}

/** Unique in the platform: the site's hundred and the host's number. */
const serverId = (cluster: DatabaseCluster, member: Host): number => cluster.siteNumber * 100 + hostNumber(member.shortName);

/**
 * The GTID domain of what MariaDB's nodes replicate: that of a server which neither began the cluster nor got data from another, as after a power
 * failure of all; it forgets any other (10.11, wsrep_init_gtid in sql/wsrep_mysqld.cc). So both sites have it, and their server ids tell them apart.
 */
export const clusterDomain = 0;

/** What a MariaDB node writes alone never takes a number of the cluster's. */
export const ownDomain = (cluster: DatabaseCluster, member: Host): number => 1000 + serverId(cluster, member);

interface FlavorOptions {
  readonly server: (cluster: DatabaseCluster, member: Host) => Options;
  readonly transfer: Options;
}

const redoLogMib = (cluster: DatabaseCluster): number => Math.max(48, Math.floor(mib(cluster.size.memoryGib) / 12));

const ofFlavor: Readonly<Record<DatabaseCluster["flavor"], FlavorOptions>> = {
  // https://docs.percona.com/percona-xtradb-cluster/8.0/wsrep-system-index.html; 8.4 knows all of these too.
  "percona-xtradb-cluster": {
    server: (cluster, member) => ({
      wsrep_provider: "/usr/lib64/galera4/libgalera_smm.so",
      wsrep_provider_options: providerOptions(cluster, member, {}),
      wsrep_sst_method: "xtrabackup-v2",
      wsrep_applier_threads: cluster.size.cpus,
      // Cluster and state transfer take the certificates of ssl_ca, ssl_cert and ssl_key.
      pxc_encrypt_cluster_traffic: "ON",
      pxc_strict_mode: "MASTER",
      server_id: serverId(cluster, member),
      gtid_mode: "ON",
      enforce_gtid_consistency: "ON",
      log_replica_updates: "ON",
      innodb_redo_log_capacity: `${redoLogMib(cluster)}M`,
      plugin_load_add: "auth_socket.so",
      // The X plugin would listen on every plane.
      mysqlx: "OFF",
    }),
    transfer: {},
  },
  // https://mariadb.com/docs/galera-cluster/high-availability/using-mariadb-replication-with-mariadb-galera-cluster/using-mariadb-gtids-with-mariadb-galera-cluster
  "mariadb-galera": {
    server: (cluster, member) => ({
      wsrep_on: "ON",
      wsrep_provider: "/usr/lib/galera/libgalera_smm.so",
      wsrep_provider_options: providerOptions(cluster, member, {
        "socket.ssl_ca": databasePaths.authorities,
        "socket.ssl_cert": databasePaths.serverPem,
        "socket.ssl_key": databasePaths.serverPem,
      }),
      wsrep_sst_method: "mariabackup",
      // The account that the server itself runs as, known by its socket: no password.
      wsrep_sst_auth: "tandem-service:",
      wsrep_slave_threads: cluster.size.cpus,
      // One for the whole cluster, as its GTIDs have one, whichever node began it.
      server_id: cluster.siteNumber * 100,
      wsrep_gtid_mode: "ON",
      wsrep_gtid_domain_id: clusterDomain,
      gtid_domain_id: ownDomain(cluster, member),
      log_slave_updates: "ON",
      innodb_log_file_size: `${redoLogMib(cluster)}M`,
    }),
    transfer: {
      encrypt: 3,
      tca: databasePaths.authorities,
      tcert: databasePaths.serverPem,
      tkey: databasePaths.serverPem,
    },
  },
};
