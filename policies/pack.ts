import type { Policies, PolicyResource, ReportViolation, ResourceValidation, ResourceValidationArgs } from "@pulumi/policy";
import * as library from "@pulumi/policy";
import { upgradeRule } from "../environments/model/upgrades.ts";
import type { ResourceRule, Rule } from "./rule.ts";
import { type Judgement, Run, type Surroundings } from "./run.ts";
import { Runs } from "./runs.ts";

// The rules as the engine's library takes them.

/** The library has it beside what it declares. */
const { UnknownValueError } = library as unknown as { UnknownValueError: new () => Error };

export const isUnknown = (error: unknown): error is Error => error instanceof UnknownValueError;

/** All rules, and at the end what they could not judge of a run. */
export function policiesOf(
  rules: readonly Rule[],
  surroundingsOfRun: () => Pick<Surroundings, "topologyOf" | "today">,
): Policies {
  // The last one is the program's own: it knows what ran before.
  const ruleNames = [...rules.map(({ name }) => name), upgradeRule];
  const runs = new Runs(() => new Run({ ...surroundingsOfRun(), isUnknown, ruleNames }));
  return [...rules.map((rule) => ("types" in rule ? ofResource(rule, runs) : ofStack(rule, runs))), unjudged(runs)];
}

const levelOf = ({ level }: Rule): "mandatory" | "advisory" => (level === "mandatory" ? "mandatory" : "advisory");

const described = (rule: Rule): { readonly name: string; readonly description: string } => ({
  name: rule.name,
  description: `${rule.holds}. From: ${rule.source}.${rule.level === "mandatory" ? "" : ` Advisory: ${rule.level.advisoryBecause}.`}`,
});

function ofResource(rule: ResourceRule, runs: Runs): Policies[number] {
  return {
    ...described(rule),
    // Only where a policy may change inputs, which ours doesn't, the library tells which of them are secrets.
    enforcementLevel: rule.readsSecrets ? "remediate" : levelOf(rule),
    ...(rule.readsSecrets && { remediateResource: ({ urn, props }) => runs.of(urn).seeSecrets(urn, secretInputs(props)) }),
    validateResource: onlyOf(rule.types, (args, report) => {
      const run = runs.of(args.urn);
      tell(run.judge(rule, run.see(resourceOf(args))), report);
    }),
  };
}

/** Where it is of one type, the library need not unpack resources of others. */
const onlyOf = ([type, ...others]: readonly string[], judge: ResourceValidation): ResourceValidation =>
  type === undefined || others.length > 0
    ? judge
    : library.validateResourceOfType({ __pulumiType: type } as never, (_, args, report) => judge(args, report));

const ofStack = (rule: Exclude<Rule, ResourceRule>, runs: Runs): Policies[number] => ({
  ...described(rule),
  enforcementLevel: levelOf(rule),
  validateStack: ({ resources }, report) => {
    const [first] = resources;
    if (first) tell(runs.of(first.urn).judgeStack(rule, readsOf(resources)), report);
  },
});

/** Comes last, when every rule has met what it reads. A run's first resource is its stack. */
const unjudged = (runs: Runs): Policies[number] => ({
  name: "preview-must-be-judged-again",
  description: "What a preview doesn't know is judged by the up",
  enforcementLevel: "advisory",
  validateResource: onlyOf(["pulumi:pulumi:Stack"], ({ urn }) => void runs.begin(urn)),
  validateStack: ({ resources }, report) => {
    const [first] = resources;
    if (first) tell(runs.end(first.urn).unjudged, report);
  },
});

function tell(judgements: readonly Judgement[], report: ReportViolation): void {
  for (const { text, urn } of judgements) report(text, urn);
}

const resourceOf = ({ type, name, urn, props, opts }: ResourceValidationArgs): Parameters<Run["see"]>[0] => ({
  ...{ type, name, urn, inputs: props },
  isProtected: opts.protect,
  isDeletedFirst: opts.deleteBeforeReplace ?? false,
});

const readsOf = (resources: readonly PolicyResource[]): Map<string, string[]> =>
  new Map(
    resources.map(({ urn, propertyDependencies }) => [
      urn,
      [...new Set(Object.values(propertyDependencies).flatMap((all) => all.map((each) => each.urn)))],
    ]),
  );

/** Names of inputs with a secret in them. Reading one gives what it holds; only its description says that it is one. */
const secretInputs = (props: object): string[] =>
  Object.entries(Object.getOwnPropertyDescriptors(props))
    .filter(([, { value }]) => hasSecret(value))
    .map(([name]) => name);

const hasSecret = (value: unknown): boolean =>
  value instanceof library.Secret || (typeof value === "object" && value !== null && Object.values(value).some(hasSecret));
