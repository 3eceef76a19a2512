import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { Site, Topology, Zone } from "../../environments/model/topology.ts";
import { administratorOf } from "../control-plane/administrator.ts";
import type { ApiCaller } from "../control-plane/api-health.ts";
import { controlPlaneCluster } from "../control-plane/cluster.render.ts";
import type { Host } from "../host/host.ts";
import { inTurn } from "../host/rolling.ts";
import type { Credentials } from "../trust/credentials.ts";
import { emptyForVersion, emptyLeaving, type NodePlace, openAgain } from "./drain.ts";
import { allNodesReady } from "./node-health.ts";
import { skewProblem } from "./version-skew.ts";
import { nodeObject, workersOf } from "./worker.render.ts";
import { WorkerNode } from "./worker-node.ts";

export interface WorkerNodesArgs {
  readonly topology: Topology;
  readonly site: Site;
  readonly zone: Zone;
  /** Its workers among others, by name. */
  readonly hosts: ReadonlyMap<string, Host>;
  readonly credentials: Credentials;
  /** Carries the programs. */
  readonly image: string;
  readonly provider: kubernetes.Provider;
  /** Of the site's API servers, as their stack recorded it. */
  readonly apiServerVersion: pulumi.Output<string>;
  /** What must be there first: a prepared host and its packet filter. */
  readonly after?: readonly pulumi.Resource[];
}

/**
 * A zone's nodes. They change one at a time, in the order of their names: the next one is touched when those before it are ready. One that gets another
 * minor version is emptied before, and so is one that is no worker of the zone any more.
 */
export class WorkerNodes extends pulumi.ComponentResource {
  /** Known when every node is ready: what places pods waits for it. */
  readonly ready: pulumi.Output<readonly string[]>;

  constructor(name: string, args: WorkerNodesArgs, options?: pulumi.ComponentResourceOptions) {
    super("tandem:worker:WorkerNodes", name, {}, options);
    const { topology, site, zone, credentials } = args;
    const cluster = controlPlaneCluster(topology, site);
    const { caller } = administratorOf(cluster, credentials);
    const workers = workersOf(topology, site, zone).toSorted((a, b) => (a.host.name < b.host.name ? -1 : 1));
    const names = workers.map(({ host }) => host.name);
    const clusterOf = async (): Promise<Omit<NodePlace, "node">> => ({
      server: { name: "kubernetes-api", address: cluster.apiAddress },
      caller: await new Promise<ApiCaller>((resolve) => caller.apply((value) => resolve(value as ApiCaller))),
    });
    const placeOf = async (node: string): Promise<NodePlace> => ({ node, ...(await clusterOf()) });
    const readyNodes = async (nodes: readonly string[]): Promise<void> => {
      const places = await Promise.all(nodes.map(placeOf));
      await allNodesReady(places);
      for (const place of places) await openAgain(place);
    };
    const fits = args.apiServerVersion.apply((version) => {
      const problem = skewProblem(cluster.version, version);
      if (problem !== undefined) throw new pulumi.RunError(problem);
      return version;
    });
    const nodes = inTurn(
      workers,
      (worker, turn) => {
        const host = args.hosts.get(worker.host.name);
        if (!host) throw new Error(`${name}: ${worker.host.name} is not among the hosts that were given`);
        // By whoever administers the cluster and not by the kubelet, which may not say of itself in which zone it is.
        const node = new kubernetes.core.v1.Node(worker.host.name, nodeObject(worker), { parent: this, provider: args.provider });
        const after = pulumi.output(turn).apply((before) =>
          fits.apply(async () => {
            if (!pulumi.runtime.isDryRun()) await emptyForVersion(await placeOf(worker.host.name), cluster.version);
            return [...(before ?? []), ...(args.after ?? []), node] as pulumi.Resource[];
          }),
        );
        return new WorkerNode(
          `worker-node-${worker.host.name}`,
          { worker, host, credentials, image: args.image },
          { parent: this, after },
        ).running;
      },
      ({ host }) => readyNodes(names.slice(0, names.indexOf(host.name))),
    );
    this.ready = pulumi.all(nodes.map(({ id }) => id)).apply(async () => {
      if (pulumi.runtime.isDryRun()) return names;
      await readyNodes(names);
      // The engine takes away what is not declared any more when the program has ended.
      await emptyLeaving(await clusterOf(), zone.name, names);
      return names;
    });
    this.registerOutputs({ site: site.name, zone: zone.name });
  }
}
