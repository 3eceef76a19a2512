import type { Inputs, ResourceRule, Violation } from "../rule.ts";
import { own } from "../sources.ts";

const privateKey = /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----/;

/** A name that says it, and the value after it, as environments, options and files write both. */
const named = /(?:^|[\s"'_-])(password|passwd|passphrase|secret|token|api[_-]?key)["']?\s*[:=]\s*["']?([^\s"',;]+)/gi;

/** What is not a secret itself: where it is, what stands for it, or a word. */
const isNoSecret = (value: string): boolean => value.length < 8 || /[/$<>{}()]/.test(value) || bitsPerCharacter(value) < 3;

/** Shannon's entropy: words of a language have about 3 bits a character in lengths like these, random texts above 4. */
function bitsPerCharacter(text: string): number {
  const counts = [...Map.groupBy(text, (character) => character).values()].map(({ length }) => length / text.length);
  return -counts.reduce((sum, share) => sum + share * Math.log2(share), 0);
}

/** Long, of one word, and random: digests, certificates and public keys are that too, and are told by what they are part of. */
const randomWord = /(?<![\w+/=@:.-])[A-Za-z0-9+_-]{32,}={0,2}(?![\w+/=@:.-])/g;
const isRandom = (word: string): boolean =>
  bitsPerCharacter(word) > 4.2 && /[0-9]/.test(word) && /[a-z]/.test(word) && /[A-Z]/.test(word) && !/^AAAA/.test(word);

/** Certificates, requests and public keys in PEM. */
const withoutPublic = (text: string): string =>
  text.replaceAll(/-----BEGIN ((?![A-Z ]*PRIVATE)[A-Z ]+)-----[^-]*-----END \1-----/g, "");

/** What looks like a secret in a text; never the secret itself. */
function suspicion(text: string): string | undefined {
  if (privateKey.test(text)) return "a private key";
  for (const [, name, value = ""] of text.matchAll(named)) if (!isNoSecret(value)) return `a value of ${name}`;
  const random = [...withoutPublic(text).matchAll(randomWord)].map(([word]) => word).find(isRandom);
  return random === undefined ? undefined : `a random word of ${random.length} characters, ${random.slice(0, 3)}…`;
}

function* suspicions(value: unknown, at: NonNullable<Violation["at"]>): Generator<Violation> {
  if (typeof value === "string") {
    const given = suspicion(value);
    if (given !== undefined)
      yield {
        at,
        what: "this looks like a secret, and is in the state and in every preview as it is",
        ...{ given, allowed: "a secret output, or what a host has in a file of its own" },
        fix: "make it one with pulumi.secret, or let @pulumi/random generate it",
      };
  } else if (Array.isArray(value))
    for (let index = 0; index < value.length; index++) yield* suspicions(value[index], [...at, index]);
  else if (typeof value === "object" && value !== null)
    for (const key of Object.keys(value)) yield* suspicions((value as Inputs)[key], [...at, key]);
}

/** Parameters of what is made from them, public by their nature, and a scheme that describes what others will fill in. */
const exempt: readonly string[] = ["kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition"];

export const rule: ResourceRule = {
  name: "secret-must-not-be-plain",
  holds: "No secret is among the plain inputs of a resource",
  source: own("docs/core.md", "a plain input shows in previews, in logs and in the state to whoever may read them"),
  level: "mandatory",
  types: [],
  readsSecrets: true,
  *check({ type, inputs, secrets }) {
    if (exempt.includes(type)) return;
    let unknown: unknown;
    for (const key of Object.keys(inputs).filter((each) => !secrets.includes(each)))
      try {
        yield* suspicions(inputs[key], [key]);
      } catch (error) {
        unknown ??= error;
      }
    if (unknown !== undefined) throw unknown;
  },
};
