import { type Differences, differences } from "../provider/differences.ts";
import type { Values } from "../provider/values.ts";
import { isAutonamed } from "./autoname.ts";
import { at, groupVersion, kindOf, nameOf, namespaceOf, textAt } from "./manifest.ts";
import { isAtOrBelow, mutableContents, replacementPaths } from "./replacements.ts";

export interface Mutability {
  readonly enableConfigMapMutable: boolean;
  readonly enableSecretMutable: boolean;
}

/** Compares what the program asked for last time with what it asks for now. */
export function objectDifferences(olds: Values, news: Values, mutability: Mutability): Differences {
  const { changed } = differences(olds, news, () => false);
  const kind = kindOf(news);
  const kept = mutableHere(olds, `${kind.group}/${kind.kind}`, mutability);
  const listed = replacementPaths(kind).filter((path) => !kept.includes(path));
  const replaces = Object.keys(changed).filter((path) => listed.some((each) => isAtOrBelow(path, each)));
  // An absent namespace is the one called default; a change between the two spellings is none.
  const effective = replaces.filter((path) => path !== "metadata.namespace" || !sameNamespace(olds, news));
  if (changed["apiVersion"] && groupOf(olds) !== groupOf(news)) effective.push("apiVersion");
  // A given name can't be held twice: the old object goes first. With a generated or a new name the new one comes first.
  const deleteBeforeReplace =
    effective.length > 0 && !isAutonamed(news) && nameOf(olds) === nameOf(news) && sameNamespace(olds, news);
  return { changed, replaces: effective, deleteBeforeReplace };
}

function mutableHere(olds: Values, kind: string, mutability: Mutability): readonly string[] {
  const entry = mutableContents[kind];
  if (!entry || at(olds, "immutable") === true) return [];
  return mutability[entry.option as keyof Mutability] ? entry.properties : [];
}

const sameNamespace = (a: Values, b: Values) => (namespaceOf(a) ?? "default") === (namespaceOf(b) ?? "default");
const groupOf = (object: Values) => groupVersion(textAt(object, "apiVersion") ?? "").group;
