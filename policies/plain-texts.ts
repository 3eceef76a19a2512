import type { Inputs, Resource, Violation } from "./rule.ts";

export interface PlainText {
  readonly at: NonNullable<Violation["at"]>;
  readonly text: string;
}

/** Describes what others will fill in, and is long. */
const schemas: readonly string[] = ["kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition"];

/** All texts among a resource's inputs that are no secrets; what a preview doesn't know throws after that. */
export function* plainTexts({ type, inputs, secrets }: Resource): Generator<PlainText> {
  if (schemas.includes(type)) return;
  let unknown: unknown;
  for (const key of Object.keys(inputs).filter((each) => !secrets.includes(each)))
    try {
      yield* textsIn(inputs[key], [key]);
    } catch (error) {
      unknown ??= error;
    }
  if (unknown !== undefined) throw unknown;
}

function* textsIn(value: unknown, at: PlainText["at"]): Generator<PlainText> {
  if (typeof value === "string") yield { at, text: value };
  else if (Array.isArray(value)) for (let index = 0; index < value.length; index++) yield* textsIn(value[index], [...at, index]);
  else if (typeof value === "object" && value !== null)
    for (const key of Object.keys(value)) yield* textsIn((value as Inputs)[key], [...at, key]);
}

/** Shannon's entropy: words of a language have about 3 bits a character in lengths like those of passwords, random texts above 4. */
export function bitsPerCharacter(text: string): number {
  const counts = [...Map.groupBy(text, (character) => character).values()].map(({ length }) => length / text.length);
  return -counts.reduce((sum, share) => sum + share * Math.log2(share), 0);
}
