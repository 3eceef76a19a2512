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

/** What the API server is told of a kind: for the untyped resource, the typed one's names of the schema's extensions are none of the API's. */
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
