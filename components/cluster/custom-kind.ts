import * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

/** A kind of objects that the API does not have by itself. */
export interface CustomKind {
  readonly group: string;
  readonly kind: string;
  readonly plural: string;
  readonly scope: "Cluster" | "Namespaced";
  readonly annotations?: Readonly<Record<string, string>>;
  /** Of its only version, v1: its schema, and what else it has. */
  readonly version: object;
}

/** What the API server is told of a kind. */
export const customKindOf = ({ group, kind, plural, scope, annotations, version }: CustomKind) => ({
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: `${plural}.${group}`, ...(annotations && { annotations: { ...annotations } }) },
  spec: {
    group,
    scope,
    names: { kind, plural, singular: kind.toLowerCase(), listKind: `${kind}List` },
    versions: [{ name: "v1", served: true, storage: true, ...version }],
  },
});

/** Not the typed class, whose names of the schema's extensions are none of the API's. */
export const declareKind = (name: string, kind: CustomKind, options: pulumi.CustomResourceOptions): pulumi.Resource =>
  new kubernetes.apiextensions.CustomResource(name, customKindOf(kind), options);
