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

/**
 * The file of a new stack with the salt that its platform's other stacks have: one key then opens them all, and a run derives it once, not
 * once for each stack that it reads. A file that says already what opens its secrets stays as it is.
 */
export function withSharedSalt(file: StackFile, others: readonly StackFile[]): StackFile {
  const salt = others.map(({ encryptionsalt }) => encryptionsalt).find((each) => typeof each === "string");
  const isSettled = ["encryptionsalt", "secretsprovider", "encryptedkey"].some((key) => file[key] !== undefined);
  return isSettled || salt === undefined ? file : { encryptionsalt: salt, ...file };
}
