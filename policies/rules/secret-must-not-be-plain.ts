import { bitsPerCharacter, plainTexts } from "../plain-texts.ts";
import type { ResourceRule } from "../rule.ts";
import { own } from "../sources.ts";

const privateKey = /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----/;

/** A name that says it, and the value after it, as environments, options and files write both. */
const named = /(?:^|[\s"'_-])(password|passwd|passphrase|secret|token|api[_-]?key)["']?\s*[:=]\s*["']?([^\s"',;]+)/gi;

/** What is not a secret itself: where it is, what stands for it, or a word. */
const isNoSecret = (value: string): boolean => value.length < 8 || /[/$<>{}()]/.test(value) || bitsPerCharacter(value) < 3;

/** What is a secret in a text, without a part of it. */
function secretIn(text: string): string | undefined {
  if (privateKey.test(text)) return "a private key";
  const found = [...text.matchAll(named)].find(([, , value = ""]) => !isNoSecret(value));
  return found && `a value of ${found[1]}`;
}

export const rule: ResourceRule = {
  name: "secret-must-not-be-plain",
  holds: "No secret is among the plain inputs of a resource",
  source: own("CONTRIBUTING.md", "a plain input shows in previews, in logs and in the state to whoever may read them"),
  level: "mandatory",
  types: [],
  readsSecrets: true,
  *check(resource) {
    for (const { at, text } of plainTexts(resource)) {
      const given = secretIn(text);
      if (given !== undefined)
        yield {
          ...{ at, what: "this is in the state and in every preview as it is", given },
          allowed: "a secret output, or what a host has in a file of its own",
          fix: "make it one with pulumi.secret, or let @pulumi/random generate it",
        };
    }
  },
};
