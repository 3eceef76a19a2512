/**
 * Property values as they travel between the engine and a provider: JSON, in which secrets, unknowns, assets and archives are
 * marked by signatures. https://www.pulumi.com/docs/iac/extending-pulumi/ names the protocol; the signatures are those of
 * `@pulumi/pulumi/runtime/rpc`, repeated here because importing that module loads the whole SDK.
 */
export type Value = null | boolean | number | string | Value[] | Values;
export interface Values {
  [key: string]: Value;
}

const signature = "4dabf18193072939515e22adb298388d";
const signatures = {
  secret: "1b47061264138c4ac30d75fd1eb44270",
  asset: "c44067f5952c0a294b673a41bacd8c17",
  archive: "0def7320c3a5731c473e5ecbe6d01bc7",
} as const;

/** A value that the engine does not know yet: only in previews. */
export const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

export function isObject(value: Value | undefined): value is Values {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isSigned(value: Value | undefined, kind: keyof typeof signatures): value is Values {
  return isObject(value) && value[signature] === signatures[kind];
}

/** Marks a value as secret, so that the engine encrypts it in the state and hides it in its output. */
export function secret(value: Value): Values {
  return isSecret(value) ? value : { [signature]: signatures.secret, value };
}

export function isSecret(value: Value | undefined): value is Values {
  return isSigned(value, "secret");
}

/** The value without its own secret mark; marks further inside stay. */
export function reveal(value: Value | undefined): Value | undefined {
  let inner = value;
  while (isSecret(inner)) inner = inner["value"];
  return inner;
}

/** The value without any secret mark, to be used and never to be returned. */
export function plain(value: Value): Value {
  const inner = reveal(value) ?? null;
  if (Array.isArray(inner)) return inner.map(plain);
  if (isObject(inner)) return mapValues(inner, plain);
  return inner;
}

export function mapValues(values: Values, change: (value: Value, key: string) => Value): Values {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, change(value, key)]));
}

export function isUnknown(value: Value | undefined): boolean {
  return reveal(value) === unknown;
}

/** Whether the value, or anything inside it, is unknown. */
export function containsUnknown(value: Value | undefined): boolean {
  const inner = reveal(value);
  if (Array.isArray(inner)) return inner.some(containsUnknown);
  if (isObject(inner)) return Object.values(inner).some(containsUnknown);
  return inner === unknown;
}

/** Whether the value, or anything inside it, is secret. */
export function containsSecret(value: Value | undefined): boolean {
  if (isSecret(value)) return true;
  if (Array.isArray(value)) return value.some(containsSecret);
  return isObject(value) && Object.values(value).some(containsSecret);
}

/** A file or text: `path`, `text` or `uri`, with its `hash`. */
export function isAsset(value: Value | undefined): value is Values {
  return isSigned(value, "asset");
}

/** A directory or archive file: `path`, `assets` or `uri`, with its `hash`. */
export function isArchive(value: Value | undefined): value is Values {
  return isSigned(value, "archive");
}

/** An object that is neither an asset nor an archive. */
export function isPlainObject(value: Value | undefined): value is Values {
  const special: boolean = isAsset(value) || isArchive(value);
  return !special && isObject(value);
}

export function fileAsset(path: string, hash: string): Values {
  return { [signature]: signatures.asset, path, hash };
}

export function assetArchive(assets: Values): Values {
  return { [signature]: signatures.archive, assets };
}

/** Texts of all strings in a value, secret or not. */
export function texts(value: Value | undefined): string[] {
  const inner = reveal(value);
  if (typeof inner === "string") return inner === unknown ? [] : [inner];
  if (Array.isArray(inner)) return inner.flatMap(texts);
  return isObject(inner) ? Object.values(inner).flatMap(texts) : [];
}

/** Texts of the strings in a value that are marked secret: what must not show in a message. */
export function secretTexts(value: Value | undefined): string[] {
  if (isSecret(value)) return texts(value);
  if (Array.isArray(value)) return value.flatMap(secretTexts);
  return isObject(value) ? Object.values(value).flatMap(secretTexts) : [];
}
