import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { Zone } from "../../../environments/model/topology.ts";
import { electionRules } from "./claims-driver.render.ts";
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
    const metadata = { name: snapshotControllerName, namespace };
    const role = `tandem:${snapshotControllerName}`;
    const subjects = [{ kind: "ServiceAccount", ...metadata }];
    const roleRef = (kind: string, named: string) => ({ apiGroup: "rbac.authorization.k8s.io", kind, name: named });
    const running = [
      new kubernetes.core.v1.ServiceAccount(part, { metadata }, first),
      new kubernetes.rbac.v1.ClusterRole(part, { metadata: { name: role }, rules: snapshotControllerRules }, first),
      new kubernetes.rbac.v1.ClusterRoleBinding(
        part,
        { metadata: { name: role }, roleRef: roleRef("ClusterRole", role), subjects },
        first,
      ),
      new kubernetes.rbac.v1.Role(part, { metadata, rules: electionRules }, first),
      new kubernetes.rbac.v1.RoleBinding(part, { metadata, roleRef: roleRef("Role", snapshotControllerName), subjects }, first),
    ];
    new kubernetes.apps.v1.Deployment(
      part,
      {
        metadata: { ...metadata, ...(!args.hasNodes && { annotations: { "pulumi.com/skipAwait": "true" } }) },
        spec: snapshotControllerDeployment(zone, namespace, image),
      },
      { ...own, dependsOn: running },
    );
    this.registerOutputs({});
  }
}
