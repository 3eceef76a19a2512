import { EnvironmentError, type Problem } from "./errors.ts";
import { parseFile } from "./parse.ts";
import { rules } from "./rules/index.ts";
import type { Environment } from "./schema.ts";
import { readStructure } from "./structure.ts";

/** Reads an environment's text; throws an `EnvironmentError` that names everything that is wrong with it. */
export function readEnvironment(text: string, file: string): Environment {
  const parsed = parseFile(text);
  if (parsed.problems.length > 0) throw new EnvironmentError(file, parsed.problems, parsed.locate);
  const { problems, sound } = readStructure(parsed.value);
  const whole = problems.length === 0;
  const broken = sound === undefined ? [] : environmentProblems(sound).filter((problem) => whole || problem.absence !== true);
  if (sound === undefined || !whole || broken.length > 0)
    throw new EnvironmentError(file, [...problems, ...broken], parsed.locate);
  return sound;
}

/** What every rule says about an environment of the right shape. */
export function environmentProblems(environment: Environment): Problem[] {
  return rules.flatMap((rule) => rule(environment));
}
