import { createHash } from "node:crypto";
import { isObject, isSecret, isUnknown, reveal, secret, type Value, type Values } from "../provider/values.ts";
import { annotation, nameOf } from "./manifest.ts";

/** The mark that the official plugin puts on objects whose name it made. */
const mark = "pulumi.com/autonamed";

export const isAutonamed = (object: Value | undefined): boolean => annotation(object, mark) === "true";

/**
 * Gives an unnamed object a name: the one that it has already, or `<resource's name>-<8 hexadecimal digits>`. The digits come from the
 * engine's seed, so that preview and update agree; without olds (a replacement made first) the seed is another one.
 */
export function autoname(news: Values, olds: Values, resourceName: string, seed: Uint8Array): Values {
  const metadata = reveal(news["metadata"]) ?? {};
  if (!isObject(metadata) || isUnknown(metadata["name"]) || nameOf(news) !== undefined) return news;
  const kept = isAutonamed(olds) ? nameOf(olds) : undefined;
  const name = kept ?? `${resourceName}-${createHash("sha256").update(seed).digest("hex").slice(0, 8)}`;
  const annotations = reveal(metadata["annotations"]) ?? {};
  const marked = isObject(annotations) ? rewrap(metadata["annotations"], { ...annotations, [mark]: "true" }) : annotations;
  return { ...news, metadata: rewrap(news["metadata"], { ...metadata, name, annotations: marked }) };
}

/** Keeps a value secret that was. */
function rewrap(before: Value | undefined, value: Values): Value {
  return isSecret(before) ? secret(value) : value;
}
