import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { snapshotAuthorRules } from "../storage/claims/snapshot-controller.render.ts";
import { customKindOf } from "./custom-kind.render.ts";
import { snapshotKinds } from "./snapshot-kinds.render.ts";

export interface SnapshotKindsArgs {
  readonly provider: kubernetes.Provider;
}

/** Snapshots of claims in the API: their kinds, and that whoever may write in a namespace may ask for them there. */
export class SnapshotKinds extends pulumi.ComponentResource {
  constructor(name: string, { provider }: SnapshotKindsArgs, options?: pulumi.ComponentResourceOptions) {
    super("tandem:cluster:SnapshotKinds", name, {}, options);
    const own = { parent: this, provider };
    for (const kind of snapshotKinds)
      new kubernetes.apiextensions.CustomResource(`snapshots-${kind.plural}`, customKindOf(kind), own);
    new kubernetes.rbac.v1.ClusterRole(
      "snapshot-authors",
      {
        metadata: {
          name: "tandem:snapshot-authors",
          labels: Object.fromEntries(["admin", "edit"].map((role) => [`rbac.authorization.k8s.io/aggregate-to-${role}`, "true"])),
        },
        rules: snapshotAuthorRules,
      },
      own,
    );
    this.registerOutputs({});
  }
}
