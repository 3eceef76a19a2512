import { snapshotGroup } from "../storage/claims/storage-classes.render.ts";
import type { CustomKind } from "./custom-kind.render.ts";

// The kinds of snapshots, which are no part of the API itself: what their controllers read and write of them, field by field
// (https://kubernetes.io/docs/concepts/storage/volume-snapshots/, https://github.com/kubernetes-csi/external-snapshotter).

interface Schema {
  readonly type: "string" | "boolean" | "integer" | "object" | undefined;
  readonly [rest: string]: unknown;
}

const text = { type: "string" } as const;
const named = { type: "string", minLength: 1 } as const;
const yesOrNo = { type: "boolean" } as const;
const time = { type: "string", format: "date-time" } as const;
const integer = { type: "integer", format: "int64" } as const;
const quantity = { type: undefined, "x-kubernetes-int-or-string": true } as const;
const object = (properties: Readonly<Record<string, Schema>>, required: readonly string[] = []): Schema => ({
  ...{ type: "object", properties },
  ...(required.length > 0 && { required: [...required] }),
});

const fixed = (schema: Schema, what: string): Schema => ({
  ...schema,
  "x-kubernetes-validations": [{ rule: "self == oldSelf", message: `${what} can't be changed` }],
});
const eitherOf = (first: string, second: string, schema: Schema): Schema => ({
  ...schema,
  "x-kubernetes-validations": [
    { rule: `has(self.${first}) != has(self.${second})`, message: `either ${first} or ${second} is given` },
  ],
});

const deletionPolicy = { type: "string", enum: ["Delete", "Retain"] } as const;
const error = object({ message: text, time });
const reference = object({
  ...{ apiVersion: text, fieldPath: text, kind: text, name: text, namespace: text },
  ...{ resourceVersion: text, uid: text },
});

const snapshot = object(
  {
    spec: object(
      {
        volumeSnapshotClassName: named,
        source: eitherOf(
          "persistentVolumeClaimName",
          "volumeSnapshotContentName",
          object({
            persistentVolumeClaimName: fixed(text, "the claim of a snapshot"),
            volumeSnapshotContentName: fixed(text, "the content of a snapshot"),
          }),
        ),
      },
      ["source"],
    ),
    status: object({
      ...{ boundVolumeSnapshotContentName: text, creationTime: time, readyToUse: yesOrNo, error },
      ...{ restoreSize: quantity, volumeGroupSnapshotName: text },
    }),
  },
  ["spec"],
);

const content = object(
  {
    spec: object(
      {
        deletionPolicy,
        driver: fixed(named, "the driver of a snapshot"),
        source: eitherOf(
          "volumeHandle",
          "snapshotHandle",
          object({
            volumeHandle: fixed(text, "the volume of a snapshot"),
            snapshotHandle: fixed(text, "the handle of a snapshot"),
          }),
        ),
        sourceVolumeMode: fixed(text, "the volume mode of a snapshot"),
        volumeSnapshotClassName: text,
        volumeSnapshotRef: reference,
      },
      ["deletionPolicy", "driver", "source", "volumeSnapshotRef"],
    ),
    status: object({
      ...{ creationTime: integer, error, readyToUse: yesOrNo, snapshotHandle: text, volumeGroupSnapshotHandle: text },
      restoreSize: { ...integer, minimum: 0 },
    }),
  },
  ["spec"],
);

const snapshotClass = object({ deletionPolicy, driver: named, parameters: { type: "object", additionalProperties: text } }, [
  "deletionPolicy",
  "driver",
]);

const column = (name: string, jsonPath: string, type = "string") => ({ name, jsonPath, type });

/** The API keeps names that end in `k8s.io` for kinds that its own project has approved. */
const approved = { "api-approved.kubernetes.io": "https://github.com/kubernetes-csi/external-snapshotter/pull/814" };

const kind = (
  name: string,
  scope: CustomKind["scope"],
  schema: Schema,
  columns: readonly object[],
  more: object = {},
): CustomKind => ({
  ...{ group: snapshotGroup, kind: name, scope, annotations: approved },
  plural: `${name.toLowerCase()}${name.endsWith("s") ? "es" : "s"}`,
  version: { schema: { openAPIV3Schema: schema }, additionalPrinterColumns: [...columns], ...more },
});

const hasStatus = { subresources: { status: {} } };

export const snapshotKinds: readonly CustomKind[] = [
  kind(
    "VolumeSnapshot",
    "Namespaced",
    snapshot,
    [
      column("Ready", ".status.readyToUse", "boolean"),
      column("Claim", ".spec.source.persistentVolumeClaimName"),
      column("Size", ".status.restoreSize"),
      column("Class", ".spec.volumeSnapshotClassName"),
      column("Error", ".status.error.message"),
      column("Age", ".metadata.creationTimestamp", "date"),
    ],
    hasStatus,
  ),
  kind(
    "VolumeSnapshotContent",
    "Cluster",
    content,
    [
      column("Ready", ".status.readyToUse", "boolean"),
      column("Policy", ".spec.deletionPolicy"),
      column("Driver", ".spec.driver"),
      column("Namespace", ".spec.volumeSnapshotRef.namespace"),
      column("Snapshot", ".spec.volumeSnapshotRef.name"),
      column("Age", ".metadata.creationTimestamp", "date"),
    ],
    hasStatus,
  ),
  kind("VolumeSnapshotClass", "Cluster", snapshotClass, [
    column("Driver", ".driver"),
    column("Policy", ".deletionPolicy"),
    column("Age", ".metadata.creationTimestamp", "date"),
  ]),
];
