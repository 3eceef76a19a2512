import type * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { Host, Topology, Zone } from "../../environments/model/topology.ts";
import type { ClaimsDriver } from "../storage/claims/claims-driver.render.ts";
import { claimsQuota, storageNamespace } from "../storage/claims/storage-classes.render.ts";
import { StorageClasses } from "../storage/claims/storage-classes.ts";
import { quotaOf } from "./bounds.render.ts";
import { closed } from "./policies.render.ts";
import { ZoneNamespace } from "./zone-namespace.ts";

export interface ZoneClaimsArgs {
  readonly topology: Topology;
  readonly zone: Zone;
  readonly provider: kubernetes.Provider;
  /** Where the nodes reach the API. */
  readonly apiAddress: string;
  readonly images: ClaimsDriver["images"];
  readonly workers: readonly Host[];
  /** Known when the zone's nodes can run pods. */
  readonly ready: pulumi.Output<readonly string[]>;
}

/** What answers the claims of a zone's pods, in a namespace of its own: what mounts is privileged, and nobody of the zone has rights there. */
export class ZoneClaims extends pulumi.ComponentResource {
  constructor(name: string, args: ZoneClaimsArgs, options?: pulumi.ComponentResourceOptions) {
    super("tandem:namespaces:ZoneClaims", name, {}, options);
    const { topology, zone, provider, apiAddress, images, workers } = args;
    const namespace = storageNamespace(zone);
    const { parts } = new ZoneNamespace(
      `namespace-${zone.site}-${namespace}`,
      {
        ...{ provider, namespace, zone: zone.name, policies: [closed], nodePorts: [], podSecurity: "privileged" },
        quota: { ...quotaOf(workers, "storage", 0), ...claimsQuota(topology, undefined) },
      },
      { parent: this },
    );
    new StorageClasses(
      `storage-classes-${zone.site}-${zone.name}`,
      {
        ...{ topology, provider, driver: { zone, namespace, apiAddress, images } },
        hasNodes: workers.some(({ inService }) => inService),
        after: args.ready.apply(() => [...parts]),
      },
      { parent: this },
    );
    this.registerOutputs({});
  }
}
