import type { Problem } from "../errors.ts";
import type { Environment } from "../schema.ts";

/** A rule: a list of what is wrong, empty when sound. */
export type Rule = (environment: Environment) => Problem[];

/** Every rule of an environment file; one concept a file. */
export const rules: readonly Rule[] = [];
