import type { Flavors, Flow, Host, Site, Size, Timings, Topology } from "../../environments/model/topology.ts";

/** The database of a site, as its renderers see it. */
export interface DatabaseCluster {
  readonly flavor: Flavors["database"];
  /** As in `lab-dc1`: nodes of another cluster are refused. */
  readonly name: string;
  readonly site: string;
  readonly otherSite: string;
  /** Tells the write sets of the sites apart. */
  readonly siteNumber: number;
  /** In the order of their names; hosts that are out of service are no members. */
  readonly members: readonly Host[];
  readonly size: Size;
  readonly timings: Timings;
  /** Connections that the site's clients can have together. */
  readonly maxConnections: number;
  /** Organisation in the clients' certificates. */
  readonly organization: string;
  readonly backup: Topology["backup"];
}

/** Where a node's things are in its container; what lies below `configuration` is at the same path on its host. */
export const databasePaths = {
  configuration: "/etc/tandem/database",
  serverConfiguration: "/etc/tandem/database/my.cnf",
  start: "/etc/tandem/database/start",
  agent: "/etc/tandem/database/agent",
  health: "/etc/tandem/database/health",
  accounts: "/etc/tandem/database/accounts.sql",
  /** PEM: the authorities that a node believes; its own certificate and key; those of the agent's account. */
  authorities: "/etc/tandem/database/authorities.pem",
  serverPem: "/etc/tandem/database/server.pem",
  agentPem: "/etc/tandem/database/agent.pem",
  /**
   * The position from which the cluster begins on this node: written on one host when the cluster is made, and by a person who decides that
   * this node's data are the ones to go on with. It counts only while the data end at exactly this position, so never twice.
   */
  beginning: "/etc/tandem/database/beginning",
  data: "/var/lib/mysql",
  /** The position from which the cluster begins on this node because all nodes waited in vain and none has later data: for the node's next start alone. */
  latest: "/var/lib/mysql/.latest",
  /** Galera's own: the last primary component that the server was in. */
  view: "/var/lib/mysql/gvwstate.dat",
  /**
   * What the node's backup container runs, what it logs in with, and what it sees besides the node's data, read-only where the server has them: the
   * site's backups, and room to restore in.
   */
  backup: "/etc/tandem/database/backup",
  restore: "/etc/tandem/database/restore",
  backupPem: "/etc/tandem/database/backup.pem",
  backups: "/var/lib/database-backup",
  scratch: "/var/lib/database-scratch",
  /** Lost with the container: socket, process id, and what the node says of itself. */
  runtime: "/run/database",
  socket: "/run/database/mysqld.sock",
} as const;

/**
 * What the page of a node without data says that had none while others served: whatever it had before, the others have. Galera's file is there once a server
 * has joined on the node.
 */
export const waitsToBeFilled = "has no data, had none while others served, and waits for a node that serves";

/** MiB that stay free on a node's disk: with less it leaves its cluster, while a majority goes on without it. A twentieth, and at most a GiB. */
export const spareMib = ({ size }: Pick<DatabaseCluster, "size">): number =>
  Math.min(1024, Math.ceil((size.diskGib * 1024) / 20));

/** Shell: MiB that are free on the disk of a node's data. */
export const freeMib = `$(($(stat -f -c '%a*%S/1048576' ${databasePaths.data})))`;

/** Galera's word for data that have no place in any cluster's history yet. */
export const noPosition = "00000000-0000-0000-0000-000000000000:-1";

/** Most connections that one client host keeps; kine is told the same number. */
export const connectionsOfClient = { "control-plane": 100, worker: 50, outside: 50 } as const;
/** Health checks, replication to the other site, backup, monitoring, and a person who has to look. */
const connectionsOfPlatform = 50;

export function databaseCluster(topology: Topology, site: Site): DatabaseCluster {
  const hosts = site.zones.flatMap((zone) => zone.hosts);
  const members = hosts.filter(({ role, inService }) => role === "database" && inService);
  const [first] = members;
  if (!first) throw new Error(`${site.name}: no database host is in service; a cluster has three or five`);
  return {
    flavor: topology.flavors.database,
    name: `${topology.platform}-${site.name}`,
    site: site.name,
    otherSite: topology.sites.find(({ name }) => name !== site.name)?.name ?? "",
    siteNumber: site.number,
    members: members.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    size: first.size,
    timings: topology.timings,
    maxConnections: connectionsOfPlatform + connectionsOf(topology.flows, hosts),
    organization: topology.trust.organization,
    backup: topology.backup,
  };
}

/** The control plane, and every client host that a flow lets in. */
function connectionsOf(flows: readonly Flow[], hosts: readonly Host[]): number {
  const controlPlane = hosts.filter(({ role }) => role === "control-plane").length * connectionsOfClient["control-plane"];
  const clients = flows
    .filter(({ to }) => to === "platform/database")
    .map(({ from }) => {
      const [zone, role = "worker"] = from.split("/");
      const inside = hosts.filter((host) => host.zone === zone && host.role === role);
      return inside.length > 0 ? inside.length * connectionsOfClient.worker : connectionsOfClient.outside;
    });
  return clients.reduce((sum, count) => sum + count, controlPlane);
}
