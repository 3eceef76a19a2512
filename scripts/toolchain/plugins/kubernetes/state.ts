import {
  containsSecret,
  isObject,
  isSecret,
  plain,
  reveal,
  secret,
  unknown,
  type Value,
  type Values,
} from "../provider/values.ts";
import { at, textAt } from "./manifest.ts";

/** What the official plugin keeps in a resource's state besides the object. */
const managerKey = "__fieldManager";
const versionKey = "__initialApiVersion";

export const fieldManagerIn = (state: Values): string | undefined => textAt(state, managerKey);

/** The live object as it goes into the state: whatever was secret in the inputs is secret here. */
export function stateOf(live: Values, inputs: Values, fieldManager: string, olds: Values = {}): Values {
  const { managedFields: _fields, ...metadata } = (at(live, "metadata") ?? {}) as Values;
  const marked = marking({ ...live, metadata }, inputs) as Values;
  const version = textAt(olds, versionKey) ?? textAt(live, "apiVersion") ?? "";
  return { ...secretContents(marked), [managerKey]: fieldManager, [versionKey]: version };
}

/** A Secret's contents are secret, whoever wrote them. */
export function secretContents(object: Values): Values {
  if (textAt(object, "kind") !== "Secret") return object;
  const hidden = ["data", "stringData"].flatMap((key) => {
    const value = object[key];
    return value === undefined || value === null ? [] : [[key, secret(plain(value))] as const];
  });
  return { ...object, ...Object.fromEntries(hidden) };
}

function marking(live: Value, input: Value | undefined): Value {
  if (isSecret(input)) return secret(live);
  if (!containsSecret(input)) return live;
  if (Array.isArray(live)) {
    // The server may have added or sorted elements: which one is the secret can't be told then.
    if (!Array.isArray(input) || input.length !== live.length) return secret(live);
    return live.map((each, index) => marking(each, input[index]));
  }
  if (!isObject(live) || !isObject(input)) return secret(live);
  return Object.fromEntries(Object.entries(live).map(([key, value]) => [key, marking(value, input[key])]));
}

/** In a preview: what the program gave is known, and what the cluster will add to it is not. */
export function previewOf(inputs: Values, olds: Values = {}): Values {
  const metadata = reveal(inputs["metadata"]);
  const before = at(olds, "metadata");
  const born = isObject(before) ? { uid: before["uid"] ?? unknown } : { uid: unknown };
  const volatile = { ...born, resourceVersion: unknown, generation: unknown };
  const spec = reveal(inputs["spec"]);
  const assigned = textAt(inputs, "kind") === "Service" && isObject(spec) && spec["clusterIP"] === undefined;
  return {
    ...inputs,
    status: unknown,
    ...(assigned && { spec: rewrapped(inputs["spec"], { ...spec, clusterIP: at(olds, "spec", "clusterIP") ?? unknown }) }),
    ...(isObject(metadata) && { metadata: rewrapped(inputs["metadata"], { ...metadata, ...volatile }) }),
  };
}

const rewrapped = (before: Value | undefined, value: Values): Value => (isSecret(before) ? secret(value) : value);
