import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { Topology } from "../../../environments/model/topology.ts";
import { claimsVolumes } from "../../../environments/model/volumes.ts";
import { type ClaimsDriver, controllerDeployment, controllerRules, nodeDaemonSet } from "./claims-driver.render.ts";
import { controllerAccount } from "./controller-account.ts";
import { csiDriverOf, driverParts, snapshotClassOf, storageClassOf } from "./storage-classes.render.ts";

export interface StorageClassesArgs {
  readonly topology: Topology;
  readonly provider: kubernetes.Provider;
  readonly driver: ClaimsDriver;
  /** Whether any node can run it: nobody waits for pods of a zone whose nodes are all out of service. */
  readonly hasNodes: boolean;
  /** What must be there first. */
  readonly after: pulumi.Output<readonly pulumi.Resource[]>;
}

/** A zone's StorageClasses and their driver: each of its volumes that is one gives its pods' claims directories on the site's NAS. */
export class StorageClasses extends pulumi.ComponentResource {
  constructor(name: string, args: StorageClassesArgs, options?: pulumi.ComponentResourceOptions) {
    super("tandem:storage:StorageClasses", name, {}, options);
    const { topology, provider, driver } = args;
    const { zone, namespace } = driver;
    const part = `${zone.site}-${zone.name}`;
    const own = { parent: this, provider };
    const first = { ...own, dependsOn: args.after.apply((after) => [...after]) };
    const metadata = (of: string) => ({ name: of, namespace });
    const { controller, node } = driverParts;
    const accounts = [
      ...controllerAccount(
        `${controller}-${part}`,
        { name: controller, namespace, role: `tandem:${controller}:${zone.name}`, rules: controllerRules },
        first,
      ),
      new kubernetes.core.v1.ServiceAccount(
        `${node}-${part}`,
        { metadata: metadata(node), automountServiceAccountToken: false },
        first,
      ),
    ];
    const csiDriver = new kubernetes.storage.v1.CSIDriver(`driver-${part}`, csiDriverOf(zone), first);
    const waiting = { ...own, dependsOn: [...accounts, csiDriver] };
    const placed = (of: string) => ({
      ...metadata(of),
      ...(!args.hasNodes && { annotations: { "pulumi.com/skipAwait": "true" } }),
    });
    const running = [
      new kubernetes.apps.v1.DaemonSet(`${node}-${part}`, { metadata: placed(node), spec: nodeDaemonSet(driver) }, waiting),
      new kubernetes.apps.v1.Deployment(
        `${controller}-${part}`,
        { metadata: placed(controller), spec: controllerDeployment(driver) },
        waiting,
      ),
    ];
    for (const volume of claimsVolumes(topology, zone)) {
      const spec = storageClassOf(topology, volume);
      const after = { ...own, dependsOn: running };
      new kubernetes.storage.v1.StorageClass(`class-${zone.site}-${spec.metadata.name}`, spec, after);
      new kubernetes.apiextensions.CustomResource(`snapshots-${zone.site}-${spec.metadata.name}`, snapshotClassOf(volume), after);
    }
    this.registerOutputs({});
  }
}
