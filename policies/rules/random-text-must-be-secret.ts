import { bitsPerCharacter, plainTexts } from "../plain-texts.ts";
import type { ResourceRule } from "../rule.ts";
import { own } from "../sources.ts";

/** Long, and of one word. */
const words = /(?<![\w+/=@:.-])[A-Za-z0-9+_-]{32,}={0,2}(?![\w+/=@:.-])/g;

/** Digests in hexadecimal have no capitals, public keys of SSH begin with their type. */
const isRandom = (word: string): boolean =>
  bitsPerCharacter(word) > 4.2 && /[0-9]/.test(word) && /[a-z]/.test(word) && /[A-Z]/.test(word) && !word.startsWith("AAAA");

/** Certificates, requests and public keys in PEM. */
const publicKeys = /-----BEGIN ((?![A-Z ]*PRIVATE)[A-Z ]+)-----[^-]*-----END \1-----/g;

export const rule: ResourceRule = {
  name: "random-text-must-be-secret",
  holds: "No text that looks random is among the plain inputs of a resource",
  source: own("CONTRIBUTING.md", "a password without a name that says so is known by its entropy alone"),
  level: { advisoryBecause: "entropy can't tell a secret from what is public and random, and must not keep an up from a repair" },
  types: [],
  *check(resource) {
    for (const { at, text } of plainTexts(resource)) {
      const word = [...text.replaceAll(publicKeys, "").matchAll(words)].map(([each]) => each).find(isRandom);
      if (word !== undefined)
        yield {
          ...{ at, what: "this looks random, as secrets do", given: `a word of ${word.length} characters` },
          allowed: "a secret output, or what a host has in a file of its own",
          fix: "make it one with pulumi.secret, if it is one",
        };
    }
  },
};
