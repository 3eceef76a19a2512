import { type Problem, problemText } from "../environments/model/errors.ts";
import type { StackPlan } from "../environments/model/stack-names.ts";
import type { Topology } from "../environments/model/topology.ts";

/** What a program asks of a resource. To read what a preview can't know yet throws; whoever judges notes that. */
// biome-ignore lint/suspicious/noExplicitAny: inputs of any type of resource; a rule names the type whose inputs it reads.
export type Inputs = Readonly<Record<string, any>>;

export interface Resource {
  readonly type: string;
  readonly name: string;
  readonly urn: string;
  readonly inputs: Inputs;
  readonly isProtected: boolean;
  readonly isDeletedFirst: boolean;
  /** Inputs that hold a secret. */
  readonly secrets: readonly string[];
}

/** All of one stack, and what the environment file says of it. */
export interface Stack {
  readonly topology: Topology;
  readonly plan: StackPlan;
  readonly resources: readonly Resource[];
  /** Resources that read a resource's values, by its URN. */
  readonly readers: ReadonlyMap<string, readonly Resource[]>;
  /** As in 2027-06-30. */
  readonly today: string;
  /** Of all rules. */
  readonly ruleNames: readonly string[];
}

/** What there is to know of a stack before its resources. */
export type StackPlace = Omit<Stack, "resources" | "readers">;

/** One thing that a rule finds wrong. */
export interface Violation extends Omit<Problem, "path"> {
  /** The input, from its name on, as in ["securityOpts", 0]; empty where it is about the resource as a whole. */
  readonly at?: Problem["path"];
  /** Of a rule on a whole stack: the resource that it is about, if it is about one. */
  readonly resource?: Resource;
}

interface RuleOf {
  /** `<subject>-must-<do>`: what says so is found in the file of that name. */
  readonly name: `${string}-must-${string}`;
  /** What holds where nothing is wrong, as a sentence. */
  readonly holds: string;
  /** Where the rule comes from. */
  readonly source: string;
  /** A mandatory rule stops what breaks it. */
  readonly level: "mandatory" | { readonly advisoryBecause: string };
}

/** Judges resources of some types, each by itself and before anything is done to it. */
export interface ResourceRule extends RuleOf {
  /** All that are made in the world where it is empty. */
  readonly types: readonly string[];
  readonly readsSecrets?: true;
  readonly check: (resource: Resource, of: StackPlace) => Iterable<Violation>;
}

/** Judges a stack as a whole, when all of it is known: at the end of a preview, or of an `up`. */
export interface StackRule extends RuleOf {
  readonly checkStack: (stack: Stack) => Iterable<Violation>;
}

export type Rule = ResourceRule | StackRule;

/** `securityOpts[0]: what; given …; allowed …; fix: …` */
export const violationText = ({ at = [], ...violation }: Violation): string => {
  const text = problemText({ path: at, ...violation });
  return at.length === 0 ? text.slice(text.indexOf(": ") + 2) : text;
};
