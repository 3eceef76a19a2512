import type * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { serviceAccount } from "../../environments/model/service-account.ts";
import type { Site, Topology } from "../../environments/model/topology.ts";
import type { ServiceBehindVip } from "../balancer/balancer.render.ts";
import type { Host } from "../host/host.ts";
import { LogDirectory } from "../host/log-directory.ts";
import { membersOf } from "../host/members.ts";
import { inTurn } from "../host/rolling.ts";
import { ServiceContainer } from "../host/service-container.ts";
import type { Credentials } from "../trust/credentials.ts";
import { administratorOf } from "./administrator.ts";
import { type ApiAddress, type ApiCaller, allReady, readClusterUid } from "./api-health.ts";
import {
  apiBehindVip,
  type ControlPlaneCluster,
  type ControlPlaneService,
  controlPlaneCluster,
  controlPlanePaths,
} from "./cluster.render.ts";
import { renderControllerManagerFlags, renderSchedulerFlags } from "./controllers.render.ts";
import { allControllersWell } from "./controllers-health.ts";
import { HostConfiguration } from "./host-configuration.ts";
import { renderKineFlags } from "./kine.render.ts";
import { drainSeconds, renderApiServerFlags } from "./kube-apiserver.render.ts";
import { renderMetricsServerFlags } from "./metrics-server.render.ts";
import { type RecordedCluster, uidProblem, versionProblem } from "./recorded-cluster.ts";

type After = pulumi.Input<pulumi.Input<pulumi.Resource>[]>;

export interface ControlPlaneArgs {
  readonly topology: Topology;
  readonly site: Site;
  /** Its members, by name. */
  readonly hosts: ReadonlyMap<string, Host>;
  /** Their names in the order in which a change comes to them; default: that of their names. */
  readonly order?: readonly string[];
  readonly images: Readonly<Record<ControlPlaneService, pulumi.Input<string>>>;
  readonly credentials: Credentials;
  /** What must be there first: the database and its VIP. */
  readonly after?: After;
  /** The cluster as the stack recorded it at its last `up`; undefined before its first. Another one than this is refused. */
  readonly recorded?: RecordedCluster | undefined;
}

/** With what follows from them. */
interface Placed extends Omit<ControlPlaneArgs, "hosts"> {
  readonly cluster: ControlPlaneCluster;
  readonly hosts: readonly Host[];
}

/** Parts of a host's memory; the rest is the system's. */
const memoryShares: Readonly<Record<ControlPlaneService, number>> = {
  kine: 0.13,
  "kube-apiserver": 0.5,
  "kube-controller-manager": 0.17,
  "kube-scheduler": 0.1,
  "metrics-server": 0.08,
};

/**
 * A site's control plane: on each host kine, an API server, a controller manager, a scheduler and a metrics-server. Changes go one host at a time in the order that
 * Kubernetes' version skew policy asks for: all API servers, each when those before it are ready, and then the others, which must not be
 * newer than the server that they speak to (https://kubernetes.io/releases/version-skew-policy/).
 */
export class ControlPlane extends pulumi.ComponentResource {
  /** Secret: its user may do everything. Its server is the VIP. */
  readonly administratorKubeconfig: pulumi.Output<string>;
  /** The UID of the namespace kube-system; known when the API has answered once. */
  readonly clusterUid: pulumi.Output<string>;
  /** What the stack has to record: its output of that name is the next run's argument. */
  readonly recorded: pulumi.Output<RecordedCluster>;
  /** The last to be there: what speaks to the API waits for them. */
  readonly apiServers: readonly docker.Container[];
  /** Known when all that runs on its hosts is well. */
  readonly serving: pulumi.Output<undefined>;

  /** What stands behind its VIP. */
  readonly service: Omit<ServiceBehindVip, "vip">;

  constructor(name: string, given: ControlPlaneArgs, options?: pulumi.ComponentResourceOptions) {
    const args = placed(given);
    const problem = args.recorded && versionProblem(args.recorded.version, args.cluster.version);
    if (problem !== undefined) throw new pulumi.RunError(problem);
    super("tandem:control-plane:ControlPlane", name, {}, options);
    const { credentials, cluster, hosts } = args;
    const authorities = credentials.authorities("platform");
    const ready = async (of: readonly Host[]): Promise<void> =>
      allReady(of.map(addressOf), { authorities: await resolved(authorities) });
    const members: Member[] = [];

    // Only those before it in the order: they were touched in this run. Of one after it that is not ready, this run may be the repair.
    this.apiServers = inTurn(
      hosts,
      (host, turn) => {
        const after = inOrder(args.after ?? [], turn);
        const member = { host, configuration: this.#configuration(args, host, after) };
        members.push(member);
        return this.#apiServer(args, member, after);
      },
      (host) => ready(hosts.slice(0, hosts.indexOf(host))),
    );
    const allServersReady = pulumi.all(this.apiServers.map(({ id }) => id)).apply(async () => {
      if (!pulumi.runtime.isDryRun()) await ready(hosts);
      return [...this.apiServers];
    });
    const controllers = new Map<Member, readonly docker.Container[]>();
    for (const member of members)
      controllers.set(member, this.#controllers(args, member, inOrder(allServersReady, whenWell(new Map(controllers)))));
    this.serving = whenWell(controllers).apply(() => undefined);

    const administrator = administratorOf(cluster, credentials);
    this.administratorKubeconfig = administrator.kubeconfig;
    this.clusterUid = pulumi.runtime.isDryRun()
      ? pulumi.output(args.recorded?.uid ?? (pulumi.unknown as unknown as string))
      : pulumi.output(
          // A promise and not an output, which would depend on the containers: replacing one would first delete all that lies in the cluster.
          resolved(pulumi.all([allServersReady, administrator.caller])).then(([, caller]) => uidOf(args, caller)),
        );
    this.service = apiBehindVip(cluster);
    this.recorded = this.clusterUid.apply((uid) => ({ uid, version: cluster.version }));
    this.registerOutputs({ site: cluster.site });
  }

  /** Written in the host's turn: what crashes before it starts again with what the others have. */
  #configuration({ cluster, credentials }: Placed, host: Host, after: After): HostConfiguration {
    return new HostConfiguration(
      `control-plane-configuration-${host.place.name}`,
      { cluster, host, credentials, after },
      { parent: this },
    );
  }

  /** A host's kine and its API server, which are touched in the same turn. */
  #apiServer(args: Placed, member: Member, after: After): docker.Container {
    const { cluster } = args;
    const { host } = member;
    const kine = this.#service(args, member, "kine", renderKineFlags(cluster), { after });
    const log = new LogDirectory(
      `audit-log-${host.place.name}`,
      { host, service: "kube-apiserver", path: controlPlanePaths.auditLog },
      { parent: this },
    );
    return this.#service(args, member, "kube-apiserver", renderApiServerFlags(cluster, host.place), {
      after: inOrder(after, [kine, log]),
      mounts: [log.mount],
      graceSeconds: drainSeconds(cluster) + 60,
    });
  }

  #controllers(args: Placed, member: Member, after: After): docker.Container[] {
    const { cluster } = args;
    return [
      this.#service(args, member, "kube-controller-manager", renderControllerManagerFlags(cluster), { after }),
      this.#service(args, member, "kube-scheduler", renderSchedulerFlags(cluster), { after }),
      this.#service(args, member, "metrics-server", renderMetricsServerFlags(), { after }),
    ];
  }

  #service(
    args: Placed,
    { host, configuration }: Member,
    service: ControlPlaneService,
    command: string[],
    { after, graceSeconds = 10, mounts = [] }: ServiceOptions,
  ): docker.Container {
    return new ServiceContainer(
      `${service}-${host.place.name}`,
      {
        ...{ host, service, image: args.images[service] },
        ...{ entrypoint: service, command },
        configurationDigests: [configuration.digests[service]],
        memoryMib: Math.floor(args.cluster.memoryMib * memoryShares[service]),
        graceSeconds,
        mounts,
        user: `${serviceAccount.id}:${serviceAccount.id}`,
      },
      { parent: this, after: inOrder(after, [configuration]) },
    ).container;
  }
}

interface Member {
  readonly host: Host;
  readonly configuration: HostConfiguration;
}

interface ServiceOptions {
  readonly after: After;
  /** Default 10. */
  readonly graceSeconds?: number;
  readonly mounts?: docker.types.input.ContainerMount[];
}

function placed(args: ControlPlaneArgs): Placed {
  const cluster = controlPlaneCluster(args.topology, args.site);
  const place = ({ place }: Host): number => args.order?.indexOf(place.name) ?? 0;
  return { ...args, cluster, hosts: membersOf(cluster, args.hosts).toSorted((a, b) => place(a) - place(b)) };
}

const addressOf = ({ place }: Host): ApiAddress => ({ name: place.name, address: place.addresses.management });

/** The containers, once what runs in them is well. */
const whenWell = (controllers: ReadonlyMap<Member, readonly docker.Container[]>): pulumi.Output<docker.Container[]> => {
  const containers = [...controllers.values()].flat();
  return pulumi.all(containers.map(({ id }) => id)).apply(async () => {
    if (!pulumi.runtime.isDryRun()) await allControllersWell([...controllers.keys()].map(({ host }) => host));
    return containers;
  });
};

export const resolved = <T>(output: pulumi.Output<T>): Promise<T> =>
  new Promise((resolve) => output.apply((value) => resolve(value as T)));

const inOrder = (first: After, second: After): After =>
  pulumi.all([first, second]).apply(([some, others]) => [...some, ...others]) as unknown as After;

async function uidOf({ hosts, recorded }: Placed, caller: ApiCaller): Promise<string> {
  const uid = await readClusterUid(hosts.map(addressOf), caller);
  const problem = uidProblem(recorded, uid);
  if (problem !== undefined) throw new pulumi.RunError(problem);
  return uid;
}
