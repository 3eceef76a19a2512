import type * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { nodePortsOf } from "../../environments/model/flows/applications.ts";
import { flowTable } from "../../environments/model/flows/table.ts";
import type { Site, Topology, Zone } from "../../environments/model/topology.ts";
import { controlPlaneCluster } from "../control-plane/cluster.render.ts";
import { nameServerOf } from "../network/zone-names.render.ts";
import type { ClaimsDriver } from "../storage/claims/claims-driver.render.ts";
import { snapshotControllerName } from "../storage/claims/snapshot-controller.render.ts";
import { SnapshotController } from "../storage/claims/snapshot-controller.ts";
import { claimsQuota } from "../storage/claims/storage-classes.render.ts";
import { PodVolumes } from "../storage/pod-volumes.ts";
import { quotaOf } from "./bounds.render.ts";
import { NameService } from "./name-service.ts";
import { applicationPolicies, systemPolicies } from "./policies.render.ts";
import { ZoneClaims } from "./zone-claims.ts";
import { ZoneNamespace } from "./zone-namespace.ts";

export interface ZoneNamespacesArgs {
  readonly topology: Topology;
  readonly site: Site;
  readonly zone: Zone;
  readonly provider: kubernetes.Provider;
  /** Known when the zone's nodes can run pods: none is placed before. */
  readonly ready: pulumi.Output<readonly string[]>;
  /** `claims`: where a volume of the zone is a StorageClass; `snapshotController`: in the zone that answers for the whole cluster. */
  readonly images: { readonly coredns: string; readonly claims?: ClaimsDriver["images"]; readonly snapshotController?: string };
}

/** The namespaces of a zone: one of its applications, and one of what the zone itself needs, with its name service. */
export class ZoneNamespaces extends pulumi.ComponentResource {
  constructor(name: string, args: ZoneNamespacesArgs, options?: pulumi.ComponentResourceOptions) {
    super("tandem:namespaces:ZoneNamespaces", name, {}, options);
    const { topology, site, zone, provider } = args;
    const { snapshotController } = args.images;
    const workers = zone.hosts.filter(({ role }) => role === "worker");
    const [applications, system] = [zone.name, `${zone.name}-system`];
    const own = { parent: this };
    const cluster = controlPlaneCluster(topology, site);
    const nameServer = nameServerOf(topology, zone);
    const table = flowTable(topology);
    const nodePorts = nodePortsOf(table, zone).map(({ protocol, port }) => `${protocol.toUpperCase()}/${port}`);
    const ofApplications = new ZoneNamespace(
      `namespace-${zone.site}-${applications}`,
      {
        ...{ provider, namespace: applications, zone: zone.name },
        ...{ policies: applicationPolicies(topology, zone, system, table), nodePorts },
        quota: { ...quotaOf(workers, "applications", nodePorts.length), ...claimsQuota(topology, zone.name) },
      },
      own,
    );
    new PodVolumes(
      `volumes-${zone.site}-${zone.name}`,
      { topology, zone, namespace: applications, provider, after: ofApplications.parts },
      own,
    );
    const { parts } = new ZoneNamespace(
      `namespace-${zone.site}-${system}`,
      {
        ...{ provider, namespace: system, zone: zone.name },
        ...{
          policies: systemPolicies(zone, cluster, nameServer, snapshotController ? [snapshotControllerName] : []),
          nodePorts: [],
        },
        quota: { ...quotaOf(workers, "system", 0), ...claimsQuota(topology, undefined) },
      },
      own,
    );
    const placed = { hasNodes: workers.some(({ inService }) => inService), after: args.ready.apply(() => [...parts]) };
    new NameService(
      `name-service-${zone.site}-${zone.name}`,
      {
        ...{ provider, zone, namespace: system, namespaces: [applications, system], image: args.images.coredns, nameServer },
        ...placed,
      },
      own,
    );
    if (snapshotController)
      new SnapshotController(
        `snapshot-controller-${site.name}`,
        { ...{ provider, zone, namespace: system, image: snapshotController }, ...placed },
        own,
      );
    if (args.images.claims)
      new ZoneClaims(
        `claims-${zone.site}-${zone.name}`,
        {
          ...{ topology, zone, provider, apiAddress: cluster.apiAddress, images: args.images.claims },
          ready: args.ready,
          workers,
        },
        own,
      );
    this.registerOutputs({ site: site.name, zone: zone.name });
  }
}
