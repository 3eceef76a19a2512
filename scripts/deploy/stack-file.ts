import { isDeepStrictEqual } from "node:util";

// A stack's own file, as `pulumi config` writes it. Pure.

type StackFile = Readonly<Record<string, unknown>>;

/** The file without its secrets and what opens them: for a stack of the same name in another backend, which can't open them. */
export function withoutSecrets(file: StackFile): StackFile {
  const { encryptionsalt: _salt, secretsprovider: _provider, encryptedkey: _key, config, ...rest } = file;
  if (typeof config !== "object" || config === null) return rest;
  return { ...rest, config: Object.fromEntries(Object.entries(config).filter(([, value]) => !holdsSecret(value))) };
}

function holdsSecret(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return isDeepStrictEqual(Object.keys(value), ["secure"]) || Object.values(value).some(holdsSecret);
}
