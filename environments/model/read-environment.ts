import { EnvironmentError, type Problem } from "./errors.ts";
import { parseFile } from "./parse.ts";
import { expiredExceptionProblems } from "./rules/expiry.ts";
import { rules } from "./rules/index.ts";
import { fileNameProblems } from "./rules/names.ts";
import type { Environment } from "./schema.ts";
import { readStructure } from "./structure.ts";

export interface ReadOptions {
  /** The name that the file's own name promises. */
  readonly platform?: string;
  /** The day on which exceptions must not have expired, as in 2027-06-30; left out, none is asked. */
  readonly today?: string;
  /** Out of a commit: it was judged by the rules of its time, and today's may be others. */
  readonly isPast?: true;
}

/** Reads an environment's text; throws an `EnvironmentError` that names everything that is wrong with it. */
export function readEnvironment(text: string, file: string, options: ReadOptions = {}): Environment {
  const parsed = parseFile(text);
  if (parsed.problems.length > 0) throw new EnvironmentError(file, parsed.problems, parsed.locate);
  const { problems, sound, replaced } = readStructure(parsed.value);
  const whole = problems.length === 0;
  const ownProblem = ({ path, absence }: Problem): boolean => whole || (absence !== true && !replaced.includes(String(path[0])));
  const broken = sound === undefined ? [] : judged(sound, options).filter(ownProblem);
  if (sound === undefined || !whole || broken.length > 0)
    throw new EnvironmentError(file, [...problems, ...broken], parsed.locate);
  return sound;
}

function judged(environment: Environment, { platform, today, isPast }: ReadOptions): Problem[] {
  if (isPast) return [];
  return [
    ...(platform === undefined ? [] : fileNameProblems(environment, platform)),
    ...environmentProblems(environment),
    ...(today === undefined ? [] : expiredExceptionProblems(environment, today)),
  ];
}

/** What every rule says about an environment of the right shape. */
export function environmentProblems(environment: Environment): Problem[] {
  return rules.flatMap((rule) => rule(environment));
}
