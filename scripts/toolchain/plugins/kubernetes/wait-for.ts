import type { Value, Values } from "../provider/values.ts";
import { annotation, at } from "./manifest.ts";
import { condition, type Readiness } from "./readiness.ts";

/** One condition of the annotation `pulumi.com/waitFor`. */
type Wanted =
  | { readonly condition: string; readonly status: string }
  | { readonly path: readonly string[]; readonly value?: string };

/**
 * The annotation's conditions: `condition=Ready`, `condition=Ready=False`, `jsonpath={.status.phase}=Running`, or a JSON list of such.
 * Undefined where there is no annotation. Throws on what it can't read.
 */
export function waitForOf(object: Value | undefined): Wanted[] | undefined {
  const text = annotation(object, "pulumi.com/waitFor");
  if (text === undefined) return undefined;
  const all: unknown = text.trim().startsWith("[") ? JSON.parse(text) : [text];
  if (!Array.isArray(all)) throw notReadable(text);
  return all.map((each) => wanted(String(each)));
}

function wanted(text: string): Wanted {
  const named = /^condition=([^=]+)(?:=(.+))?$/.exec(text);
  if (named) return { condition: named[1] ?? "", status: named[2] ?? "True" };
  const [, path, value] = /^jsonpath=\{?((?:\.[A-Za-z0-9_-]+)+)\}?(?:=(.*))?$/.exec(text) ?? [];
  if (path === undefined) throw notReadable(text);
  return { path: path.slice(1).split("."), ...(value !== undefined && { value }) };
}

function notReadable(text: string): Error {
  return new Error(
    `metadata.annotations["pulumi.com/waitFor"]: "${text}" is not covered; allowed: condition=<type>[=<status>], jsonpath={.field.field}[=<value>], or a JSON list of these`,
  );
}

export function waitedFor(object: Values, all: readonly Wanted[]): Readiness {
  for (const each of all) {
    if ("condition" in each) {
      const found = condition(object, each.condition);
      if (found?.status.toLowerCase() !== each.status.toLowerCase()) {
        return { waiting: `condition ${each.condition} is ${found?.status ?? "not set"}, not ${each.status}` };
      }
    } else {
      const value = at(object, ...each.path);
      if (value === undefined || (each.value !== undefined && String(value) !== each.value)) {
        return {
          waiting: `.${each.path.join(".")} is ${value === undefined ? "not set" : String(value)}${each.value === undefined ? "" : `, not ${each.value}`}`,
        };
      }
    }
  }
  return "ready";
}
