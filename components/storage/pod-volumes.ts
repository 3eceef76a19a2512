import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { Topology, Zone } from "../../environments/model/topology.ts";
import { isForClaims } from "../../environments/model/volumes.ts";
import { claimOf, volumeOf } from "./pod-volumes.render.ts";

export interface PodVolumesArgs {
  readonly topology: Topology;
  readonly zone: Zone;
  /** Of the zone's applications: their claims are made in it. */
  readonly namespace: string;
  readonly provider: kubernetes.Provider;
  /** What the namespace is made of. */
  readonly after: readonly pulumi.Resource[];
}

/**
 * A zone's volumes for its pods: each is a claim of its namespace, bound to the directory on the NAS. Protected, and the NAS keeps the directory and all
 * that is in it, whatever becomes of the claim.
 */
export class PodVolumes extends pulumi.ComponentResource {
  constructor(name: string, args: PodVolumesArgs, options?: pulumi.ComponentResourceOptions) {
    super("tandem:storage:PodVolumes", name, {}, options);
    const { topology, zone, namespace, provider, after } = args;
    const own = { parent: this, provider, protect: true };
    for (const volume of topology.volumes.filter((each) => each.zone === zone.name && !isForClaims(each))) {
      const { metadata, spec } = volumeOf(topology, volume, namespace);
      const made = new kubernetes.core.v1.PersistentVolume(
        `volume-${zone.site}-${metadata.name}`,
        { metadata, spec },
        { ...own, dependsOn: [...after] },
      );
      new kubernetes.core.v1.PersistentVolumeClaim(`claim-${zone.site}-${metadata.name}`, claimOf(volume, namespace), {
        ...own,
        dependsOn: made,
      });
    }
    this.registerOutputs({ site: zone.site, zone: zone.name });
  }
}
