import { isObject, plain, reveal, type Value, type Values } from "../provider/values.ts";

/** Reading Kubernetes objects, whether they come from the engine (with marks) or from a cluster (without). */
export interface Kind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/** The value at a path, without secret marks; undefined where anything on the way is missing or unknown. */
export function at(object: Value | undefined, ...path: readonly string[]): Value | undefined {
  let value = reveal(object);
  for (const key of path) {
    if (!isObject(value)) return undefined;
    value = reveal(value[key]);
  }
  return value ?? undefined;
}

export function textAt(object: Value | undefined, ...path: readonly string[]): string | undefined {
  const value = at(object, ...path);
  return typeof value === "string" && value !== "" ? value : undefined;
}

export function numberAt(object: Value | undefined, ...path: readonly string[]): number | undefined {
  const value = at(object, ...path);
  return typeof value === "number" ? value : undefined;
}

export function listAt(object: Value | undefined, ...path: readonly string[]): Value[] {
  const value = at(object, ...path);
  return Array.isArray(value) ? value : [];
}

export const annotation = (object: Value | undefined, name: string): string | undefined =>
  textAt(object, "metadata", "annotations", name);

export const nameOf = (object: Value | undefined): string | undefined => textAt(object, "metadata", "name");
export const namespaceOf = (object: Value | undefined): string | undefined => textAt(object, "metadata", "namespace");

export function kindOf(object: Value | undefined): Kind {
  const [apiVersion, kind] = [textAt(object, "apiVersion"), textAt(object, "kind")];
  if (!apiVersion || !kind) throw new Error("the object has no apiVersion or no kind: both are needed, as in its manifest");
  return { ...groupVersion(apiVersion), kind };
}

export function groupVersion(apiVersion: string): { group: string; version: string } {
  const [first = "", second] = apiVersion.split("/", 2);
  return second === undefined ? { group: "", version: first } : { group: first === "core" ? "" : first, version: second };
}

export const apiVersionOf = ({ group, version }: Kind): string => (group === "" ? version : `${group}/${version}`);

/** The kind that a resource's type token names: `kubernetes:apps/v1:Deployment`. */
export function kindOfToken(token: string): Kind {
  const [, apiVersion = "", kind = ""] = token.split(":");
  return { ...groupVersion(apiVersion), kind };
}

/** The resource's id in the state, as the official plugin forms it: `namespace/name`, or the name alone. */
export function idOf(object: Value | undefined): string {
  const [namespace, name] = [namespaceOf(object), nameOf(object) ?? ""];
  return namespace ? `${namespace}/${name}` : name;
}

export function fromId(id: string): { namespace: string | undefined; name: string } {
  const [first = "", second] = id.split("/", 2);
  return second === undefined ? { namespace: undefined, name: first } : { namespace: first, name: second };
}

/** How an object is called in messages. */
export const describe = (object: Value | undefined): string =>
  `${textAt(object, "kind") ?? "object"} ${idOf(object) || "(unnamed)"}`;

/** The manifest to send: no marks, no nulls. Never to be returned to the engine. */
export function manifestOf(inputs: Values): Values {
  return withoutNulls(plain(inputs)) as Values;
}

function withoutNulls(value: Value): Value {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, each]) => each !== null)
      .map(([key, each]) => [key, withoutNulls(each)]),
  );
}
