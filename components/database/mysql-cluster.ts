import * as pulumi from "@pulumi/pulumi";
import { databasePorts } from "../../environments/model/ports.ts";
import { serviceAccount } from "../../environments/model/service-account.ts";
import type { Site, Topology } from "../../environments/model/topology.ts";
import type { ServiceBehindVip } from "../balancer/balancer.render.ts";
import { DataVolume } from "../host/data-volume.ts";
import type { Host } from "../host/host.ts";
import { HostCommand } from "../host/host-command.ts";
import { checks, forServices, HostFile } from "../host/host-file.ts";
import { membersOf } from "../host/members.ts";
import type { Probe } from "../host/probe.ts";
import { inTurn } from "../host/rolling.ts";
import { ServiceContainer } from "../host/service-container.ts";
import { ServiceDirectory } from "../host/service-directory.ts";
import { type Credentials, pemOf } from "../trust/credentials.ts";
import { renderAccounts } from "./accounts.render.ts";
import { renderAgent } from "./agent.render.ts";
import { type DatabaseCluster, databaseCluster, databasePaths, noPosition } from "./cluster.render.ts";
import { renderHealth } from "./health.render.ts";
import { allHealthy, othersHealthy } from "./health.ts";
import { renderMyCnf } from "./my-cnf.render.ts";
import { leaveSeconds, renderStart } from "./start.render.ts";

export interface MysqlClusterArgs {
  readonly topology: Topology;
  readonly site: Site;
  /** The cluster's members, by name. */
  readonly hosts: ReadonlyMap<string, Host>;
  /** Percona XtraDB Cluster 8.0 or MariaDB 10.11 with Galera, or newer, with bash, socat and the client. */
  readonly image: pulumi.Input<string>;
  readonly credentials: Credentials;
  /** Whether the stack recorded that the cluster was made: from then on nothing begins one again. */
  readonly isMade: boolean;
}

/** With what follows from them. */
interface Placed extends MysqlClusterArgs {
  readonly cluster: DatabaseCluster;
}

/** Seconds that a server may take to write everything to disk and end, after its role has moved away. */
const shutdownSeconds = 120;

/**
 * A site's database: three or five nodes, one of which takes writes. They change one at a time, each when all others are healthy. It is made
 * once; nodes that come back, and empty ones in the place of lost ones, find the cluster by themselves.
 */
export class MysqlCluster extends pulumi.ComponentResource {
  /** True when every member serves: to be recorded by the stack. */
  readonly isMade: pulumi.Output<boolean>;
  /** What stands behind its VIP: the one node that takes writes. */
  readonly service: Omit<ServiceBehindVip, "vip">;
  readonly #directories = new Map<Host, ServiceDirectory>();

  constructor(name: string, given: MysqlClusterArgs, options?: pulumi.ComponentResourceOptions) {
    super("tandem:database:MysqlCluster", name, {}, options);
    const args: Placed = { ...given, cluster: databaseCluster(given.topology, given.site) };
    const { cluster, isMade } = args;
    const members = membersOf(cluster, args.hosts);
    const probes: Probe[] = [];

    for (const host of members) {
      const { name: member } = host.place;
      this.#directories.set(host, new ServiceDirectory(`database-${member}`, { host, service: "database" }));
    }
    const beginning = this.#begin(args, members[0] as Host);
    const containers = inTurn(
      members,
      (host, turn) => this.#node(args, host, turn, probes),
      (self) => othersHealthy(members, self, isMade),
    );
    this.isMade = pulumi.all([beginning.id, ...containers.map(({ id }) => id)]).apply(async () => {
      if (pulumi.runtime.isDryRun()) return true;
      await allHealthy(members);
      // Were all nodes to lose their data one day, none may begin with nothing.
      const file = databasePaths.beginning;
      await (members[0] as Host).ask(`grep -qsxF '${noPosition}' ${file} && rm ${file} || true\n`);
      return true;
    });
    this.service = {
      port: databasePorts.clients,
      servers: cluster.members.map(({ name: member, addresses }) => ({
        name: member,
        address: addresses.storage,
        port: databasePorts.clients,
      })),
      check: { scheme: "http", port: databasePorts.health, path: "/writer" },
      serves: "one",
    };
    this.registerOutputs({ probes: [beginning.probe, ...probes], isMade: this.isMade });
  }

  /**
   * The one act that makes the cluster, recorded in the state from then on: it says on the first host that a cluster begins there. It never runs
   * again, whatever becomes of that host; what it writes counts only while no node has any data, and is taken away when all of them serve.
   */
  #begin({ cluster, isMade }: Placed, host: Host): HostCommand {
    const file = databasePaths.beginning;
    return new HostCommand(
      `beginning-${cluster.site}`,
      {
        host,
        script: isMade ? ":\n" : `printf '%s\\n' '${noPosition}' > ${file}\n`,
        probe: {
          what: `a decision about the database that waits in ${file}`,
          command: `[ ! -e ${file} ] || grep -vxF '${noPosition}' ${file} || true`,
          expected: "",
        },
      },
      { parent: this, dependsOn: [...this.#directories.values()].slice(0, 1), ignoreChanges: ["connection", "create"] },
    );
  }

  #node(args: Placed, host: Host, turn: pulumi.Input<pulumi.Input<pulumi.Resource>[]>, probes: Probe[]) {
    const { cluster, image, credentials } = args;
    const { place } = host;
    const directory = this.#directories.get(host);
    // Its files too: a node that crashes before its turn starts again with what the others have.
    const dependsOn = pulumi
      .output(turn)
      .apply((others) => [...(others ?? []), ...(directory ? [directory] : [])] as pulumi.Resource[]);
    const file = (what: string, path: string, content: pulumi.Input<string>, check?: string): HostFile => {
      const made = new HostFile(
        `database-${what}-${place.name}`,
        {
          ...{ host, path, content, ...forServices },
          ...(check !== undefined && { check }),
        },
        { parent: this, dependsOn },
      );
      probes.push(made.probe);
      return made;
    };
    const { certificate, sh } = checks;
    // What the node reads when it starts; its health page is read at each connection.
    const startFiles = [
      file("configuration", databasePaths.serverConfiguration, renderMyCnf(cluster, place)),
      file("start", databasePaths.start, renderStart(cluster, place), sh),
      file("agent", databasePaths.agent, renderAgent(cluster, place), checks.bash),
      file("accounts", databasePaths.accounts, renderAccounts(cluster)),
      file("authorities", databasePaths.authorities, credentials.authorities("platform"), certificate),
      file("server", databasePaths.serverPem, pemOf(credentials.issued(`database-${place.name}`)), certificate),
      file("account", databasePaths.agentPem, pemOf(credentials.issued(`database-health-check-${cluster.site}`)), certificate),
    ];
    const health = file("health", databasePaths.health, renderHealth(cluster), sh);
    const volume = new DataVolume(
      `database-data-${place.name}`,
      { host, service: "database", target: databasePaths.data },
      { parent: this },
    );
    const { id } = serviceAccount;
    return new ServiceContainer(
      `database-${place.name}`,
      {
        ...{ host, service: "database", image, entrypoint: "sh", command: [databasePaths.start] },
        configurationDigests: startFiles.map(({ digest }) => digest),
        memoryMib: Math.floor(cluster.size.memoryGib * 1024),
        graceSeconds: leaveSeconds + shutdownSeconds,
        mounts: [volume.mount],
        tmpfs: { [databasePaths.runtime]: `uid=${id},gid=${id},mode=0755` },
        user: `${id}:${id}`,
      },
      {
        parent: this,
        after: [...startFiles, health],
      },
    ).container;
  }
}
