import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { Zone } from "../../../environments/model/topology.ts";
import { controllerAccount } from "./controller-account.ts";
import { snapshotControllerDeployment, snapshotControllerName, snapshotControllerRules } from "./snapshot-controller.render.ts";

export interface SnapshotControllerArgs {
  readonly provider: kubernetes.Provider;
  /** Where it runs. */
  readonly zone: Zone;
  readonly namespace: string;
  readonly image: string;
  /** Whether any node can run it: nobody waits for pods of a zone whose nodes are all out of service. */
  readonly hasNodes: boolean;
  /** What must be there first. */
  readonly after: pulumi.Output<readonly pulumi.Resource[]>;
}

/** Answers whoever asks for a snapshot of a claim, in the whole cluster. */
export class SnapshotController extends pulumi.ComponentResource {
  constructor(name: string, args: SnapshotControllerArgs, options?: pulumi.ComponentResourceOptions) {
    super("tandem:storage:SnapshotController", name, {}, options);
    const { provider, zone, namespace, image } = args;
    const part = `${snapshotControllerName}-${zone.site}`;
    const own = { parent: this, provider };
    const first = { ...own, dependsOn: args.after.apply((after) => [...after]) };
    const account = { name: snapshotControllerName, namespace, role: `tandem:${snapshotControllerName}` };
    const running = controllerAccount(part, { ...account, rules: snapshotControllerRules }, first);
    new kubernetes.apps.v1.Deployment(
      part,
      {
        metadata: {
          name: snapshotControllerName,
          namespace,
          ...(!args.hasNodes && { annotations: { "pulumi.com/skipAwait": "true" } }),
        },
        spec: snapshotControllerDeployment(zone, namespace, image),
      },
      { ...own, dependsOn: running },
    );
    this.registerOutputs({});
  }
}
