import { distance } from "fastest-levenshtein";
import {
  isArchive,
  isAsset,
  isObject,
  isPlainObject,
  isSecret,
  isUnknown,
  reveal,
  secret,
  type Value,
  type Values,
} from "./values.ts";

/** The inputs that a resource takes: what is not listed is refused. */
export type Shape = Readonly<Record<string, Property>>;

export interface Property {
  readonly type: "string" | "number" | "boolean" | "stringMap" | "stringList" | "list" | "any" | "assetOrArchive" | Shape;
  readonly required?: true;
  readonly default?: Value;
  /** Marked secret whatever the program says. */
  readonly secret?: true;
  readonly oneOf?: readonly string[];
}

export interface Failure {
  readonly property: string;
  readonly reason: string;
}

export interface Checked {
  readonly inputs: Values;
  readonly failures: readonly Failure[];
}

/** Checks inputs against a shape, fills in defaults and marks what is always secret. No message ever shows a value. */
export function checkShape(inputs: Values, shape: Shape, where = ""): Checked {
  const failures: Failure[] = [];
  const result: Values = {};
  for (const [key, value] of Object.entries(inputs)) {
    const property = Object.hasOwn(shape, key) ? shape[key] : undefined;
    if (!property) failures.push({ property: where + key, reason: unknownReason(key, shape) });
    else if (value !== null) result[key] = checkProperty(where + key, value, property, failures);
  }
  for (const [key, property] of Object.entries(shape)) {
    if (result[key] !== undefined) continue;
    if (property.default !== undefined) result[key] = property.default;
    else if (property.required) failures.push({ property: where + key, reason: "it is required and missing: give it a value" });
  }
  return { inputs: result, failures };
}

function unknownReason(key: string, shape: Shape): string {
  const allowed = Object.keys(shape).sort();
  const nearest = allowed.map((each) => ({ each, far: distance(key, each) })).sort((a, b) => a.far - b.far)[0];
  const meant = nearest && nearest.far <= Math.max(2, key.length / 3) ? ` Did you mean ${nearest.each}?` : "";
  return `there is no such property.${meant} Allowed: ${allowed.join(", ")}`;
}

function checkProperty(where: string, value: Value, property: Property, failures: Failure[]): Value {
  const inner = reveal(value) ?? null;
  let checked: Value = inner;
  if (!isUnknown(inner)) {
    if (typeof property.type === "object") {
      if (isObject(inner)) {
        const nested = checkShape(inner, property.type, `${where}.`);
        failures.push(...nested.failures);
        checked = nested.inputs;
      } else failures.push({ property: where, reason: `it must be an object, and is ${nameOf(inner)}` });
    } else if (!fits(inner, property.type)) {
      failures.push({ property: where, reason: `it must be ${wanted[property.type]}, and is ${nameOf(inner)}` });
    } else if (property.oneOf && typeof inner === "string" && !property.oneOf.includes(inner)) {
      failures.push({ property: where, reason: `it must be one of ${property.oneOf.join(", ")}` });
    }
  }
  return property.secret || isSecret(value) ? secret(checked) : checked;
}

const wanted = {
  string: "a text",
  number: "a number",
  boolean: "true or false",
  stringMap: "an object whose values are texts",
  stringList: "a list of texts",
  list: "a list",
  any: "anything",
  assetOrArchive: "an asset or an archive",
} as const;

function fits(value: Value, type: keyof typeof wanted): boolean {
  const isText = (each: Value) => isUnknown(each) || typeof reveal(each) === "string";
  switch (type) {
    case "string":
    case "number":
    case "boolean":
      return typeof value === type;
    case "stringMap":
      return isPlainObject(value) && Object.values(value).every(isText);
    case "stringList":
      return Array.isArray(value) && value.every(isText);
    case "list":
      return Array.isArray(value);
    case "assetOrArchive":
      return isAsset(value) || isArchive(value);
    case "any":
      return true;
  }
}

function nameOf(value: Value): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  if (isAsset(value)) return "an asset";
  if (isArchive(value)) return "an archive";
  return typeof value === "string" ? "a text" : typeof value === "object" ? "an object" : `a ${typeof value}`;
}
