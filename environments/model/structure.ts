import { closest, distance } from "fastest-levenshtein";
import { z } from "zod";
import { type Problem, shown } from "./errors.ts";
import type { Path } from "./placements.ts";
import { type Environment, environmentSchema } from "./schema.ts";
import { standIns } from "./stand-ins.ts";

export interface Structure {
  readonly problems: readonly Problem[];
  /** What of the file has the right shape; undefined where the file is no mapping. */
  readonly sound: Environment | undefined;
  /** Top-level sections of `sound` that are not the file's own. */
  readonly replaced: readonly string[];
}

/** Compares the file's shape with the schema. What does not fit is left out of `sound`, so that the rules can judge the rest. */
export function readStructure(value: unknown): Structure {
  const result = environmentSchema.safeParse(value);
  if (result.success) return { problems: [], sound: result.data, replaced: [] };
  const problems = result.error.issues.flatMap((issue) => issueProblems(issue, value));
  return { problems, ...soundPart(value, result.error.issues) };
}

/** Removes what the issues name, then the parents of what is now missing, until the rest fits; whole sections get stand-ins. */
function soundPart(value: unknown, issues: readonly z.core.$ZodIssue[]): Omit<Structure, "problems"> {
  const copy: unknown = structuredClone(value);
  const replaced: string[] = [];
  let current = issues;
  for (let round = 0; round < 12 && isRecord(copy); round += 1) {
    for (const issue of current) {
      const paths = issue.code === "unrecognized_keys" ? issue.keys.map((key) => [...issue.path, key]) : [issue.path];
      for (const path of paths) removeAt(copy, path);
    }
    for (const [key, section] of Object.entries(standIns)) {
      if (Object.hasOwn(copy, key)) continue;
      copy[key] = section;
      replaced.push(key);
    }
    const result = environmentSchema.safeParse(copy);
    if (result.success) return { sound: result.data, replaced };
    current = result.error.issues;
  }
  return { sound: undefined, replaced };
}

/** Removes the value at a path; where it is not there, or is an item of a list, its parent. */
function removeAt(root: unknown, path: readonly PropertyKey[]): void {
  const last = path.at(-1);
  if (last === undefined) return;
  const parent = valueAt(root, path.slice(0, -1));
  if (isRecord(parent) && Object.hasOwn(parent, last)) delete parent[last as string];
  else removeAt(root, path.slice(0, -1));
}

function issueProblems(issue: z.core.$ZodIssue, root: unknown): Problem[] {
  const path = issue.path.map((key) => (typeof key === "number" ? key : String(key)));
  if (issue.code === "unrecognized_keys") return unknownKeys(path, issue.keys);
  if (issue.code === "invalid_union") return unionProblems(issue, path, root);
  const value = valueAt(root, path);
  if (issue.code === "invalid_key") {
    const key = String(path.at(-1));
    const [inner] = issue.issues;
    return [
      {
        path,
        what: "not a name that can be used here",
        given: shown(key),
        allowed: inner?.message ?? "a name",
        fix: "rename it",
      },
    ];
  }
  if (value === undefined)
    return [
      { path, what: "missing", allowed: allowedBy(issue), fix: `add ${String(path.at(-1) ?? "a platform")}`, absence: true },
    ];
  const fix = issue.code === "invalid_value" ? nearest(String(value), issue.values.map(String)) : undefined;
  return [
    {
      path,
      what: "not a value that can be used here",
      given: shown(value),
      allowed: allowedBy(issue),
      fix: fix ?? "give an allowed value",
    },
  ];
}

/** Of a union that nothing fits, the problems of the member of the value's own type. */
function unionProblems(issue: z.core.$ZodIssueInvalidUnion, path: Path, root: unknown): Problem[] {
  const value = valueAt(root, path);
  const fitting = issue.errors.find(
    (issues) => !issues.some((inner) => inner.code === "invalid_type" && inner.path.length === 0),
  );
  if (fitting) return fitting.flatMap((inner) => issueProblems({ ...inner, path: [...path, ...inner.path] }, root));
  const allowed = issue.errors.flatMap(([first]) => (first ? [allowedBy(first)] : [])).join(", or ");
  return [{ path, what: "not a value that can be used here", given: shown(value), allowed, fix: "give an allowed value" }];
}

function unknownKeys(path: Path, keys: readonly string[]): Problem[] {
  const known = knownKeys(path);
  const allowed = known.join(", ");
  return keys.map((key, index) => {
    const near = index < mostGuesses ? nearest(key, known) : undefined;
    return { path: [...path, key], what: "an unknown key", given: shown(key), allowed, fix: near ?? "remove it" };
  });
}

/** Nobody mistypes more keys than this in one place; a file that has them is not an environment. */
const mostGuesses = 100;

/** What the user may have meant, where something known is near. */
export function nearest(given: string, known: readonly string[]): string | undefined {
  if (known.length === 0 || given.length > 60) return undefined;
  const near = closest(given, [...known]);
  return distance(given, near) <= Math.max(2, Math.floor(near.length / 3)) ? `did you mean ${near}?` : undefined;
}

function allowedBy(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "invalid_type":
      return (
        {
          record: "a mapping",
          object: "a mapping",
          array: "a list",
          string: "a text",
          number: "a number",
          int: "a whole number",
        }[issue.expected as string] ?? issue.expected
      );
    case "invalid_value":
      return issue.values.map(String).join(", ");
    case "too_small":
      return `${issue.origin === "array" ? "a list of " : ""}at least ${issue.minimum}`.replace(
        /^at least 0$/,
        issue.inclusive ? "at least 0" : "more than 0",
      );
    case "too_big":
      return issue.message.startsWith("at most")
        ? issue.message
        : `${issue.origin === "array" ? "a list of " : ""}at most ${issue.maximum}`;
    default:
      return issue.message;
  }
}

/** The keys that the schema knows at a path. */
function knownKeys(path: Path): string[] {
  return schemasAt(environmentSchema, path).flatMap((schema) => (schema instanceof z.ZodObject ? Object.keys(schema.shape) : []));
}

function schemasAt(schema: unknown, path: Path): unknown[] {
  if (schema instanceof z.ZodOptional) return schemasAt(schema.unwrap(), path);
  if (schema instanceof z.ZodUnion) return schema.options.flatMap((option) => schemasAt(option, path));
  const [step, ...rest] = path;
  if (step === undefined) return [schema];
  if (schema instanceof z.ZodObject) return schemasAt(schema.shape[step], rest);
  if (schema instanceof z.ZodRecord) return schemasAt(schema.valueType, rest);
  if (schema instanceof z.ZodArray) return schemasAt(schema.element, rest);
  return [];
}

function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, key) => {
    if (Array.isArray(value)) return value[Number(key)];
    return isRecord(value) && Object.hasOwn(value, key) ? value[key as string] : undefined;
  }, root);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
