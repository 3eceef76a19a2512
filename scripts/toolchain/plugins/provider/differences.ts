import { isArchive, isAsset, isObject, isPlainObject, isSecret, plain, reveal, type Value, type Values } from "./values.ts";

export type DifferenceKind = "add" | "delete" | "update";

/** What a change of inputs does to a resource: property paths such as `environment.PATH` or `triggers[0]`. */
export interface Differences {
  readonly changed: Readonly<Record<string, DifferenceKind>>;
  /** Those of the changed paths that need a replacement. */
  readonly replaces: readonly string[];
  readonly deleteBeforeReplace?: boolean;
}

/** Equal in content and in being secret: a value that became secret must be written to the state again, encrypted. */
export function same(a: Value | undefined, b: Value | undefined): boolean {
  if (a === undefined || b === undefined) return (a ?? null) === (b ?? null);
  if (isSecret(a) || isSecret(b)) return isSecret(a) && isSecret(b) && same(plain(a), plain(b));
  if (isAsset(a) && isAsset(b)) return sameContent(a, b);
  if (isArchive(a) && isArchive(b)) return sameContent(a, b);
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((each, index) => same(each, b[index]));
  if (isObject(a) && isObject(b)) {
    return [...new Set([...Object.keys(a), ...Object.keys(b)])].every((key) => same(a[key], b[key]));
  }
  return a === b;
}

/** Files with the same hash are the same, wherever they lie. */
function sameContent(a: Values, b: Values): boolean {
  if (typeof a["hash"] === "string" && typeof b["hash"] === "string" && a["hash"] !== "" && b["hash"] !== "") {
    return a["hash"] === b["hash"];
  }
  return ["path", "text", "uri", "assets"].every((key) => same(a[key], b[key]));
}

/** Compares a resource's inputs in the state with the new ones. `replaces` says which top-level properties can't be updated. */
export function differences(olds: Values, news: Values, replaces: (property: string) => boolean): Differences {
  const changed: Record<string, DifferenceKind> = {};
  const replaced: string[] = [];
  for (const property of new Set([...Object.keys(olds), ...Object.keys(news)])) {
    const found: Record<string, DifferenceKind> = {};
    collect(property, olds[property], news[property], found);
    Object.assign(changed, found);
    if (replaces(property)) replaced.push(...Object.keys(found));
  }
  return { changed, replaces: replaced };
}

function collect(path: string, old: Value | undefined, now: Value | undefined, found: Record<string, DifferenceKind>): void {
  if (same(old, now)) return;
  // Within a secret, further marks say nothing.
  const look = isSecret(old) && isSecret(now) ? plain : reveal;
  const [a, b] = [look(old ?? null) ?? null, look(now ?? null) ?? null];
  if (a === null) found[path] = "add";
  else if (b === null) found[path] = "delete";
  else if (Array.isArray(a) && Array.isArray(b)) {
    for (let index = 0; index < Math.max(a.length, b.length); index++) collect(`${path}[${index}]`, a[index], b[index], found);
  } else if (isPlainObject(a) && isPlainObject(b)) {
    for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) collect(join(path, key), a[key], b[key], found);
  } else found[path] = "update";
  // Equal content under another secret mark still is a change.
  if (!Object.keys(found).some((each) => each.startsWith(path))) found[path] = "update";
}

function join(path: string, key: string): string {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(key) ? `${path}.${key}` : `${path}["${key.replaceAll('"', '\\"')}"]`;
}
