import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as library from "@pulumi/policy";
import { loadEnvironment } from "../../environments/model/load.ts";
import type { Host, Topology } from "../../environments/model/topology.ts";
import { topologyOf } from "../../environments/model/topology-of.ts";
import { isUnknown } from "../../policies/pack.ts";
import type { Inputs, Rule } from "../../policies/rule.ts";
import { rules } from "../../policies/rules/index.ts";
import { Run } from "../../policies/run.ts";

// Rules are judged as the engine's library has them judged, without the engine.

const { unknownCheckingProxy } = library as unknown as { unknownCheckingProxy: (inputs: object) => Inputs };

/** What a preview doesn't know, as the engine says it. */
export const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** A resource as a test names what matters of it. */
export interface Shown {
  readonly type: string;
  readonly inputs: object;
  readonly name?: string;
  readonly isProtected?: boolean;
  readonly isDeletedFirst?: boolean;
  readonly secrets?: readonly string[];
  /** Names of resources whose values it reads. */
  readonly reads?: readonly string[];
}

export interface Situation {
  /** Default: the core of the reference platform's active site. */
  readonly stack?: string;
  readonly topology?: Topology;
  readonly today?: string;
}

export const reference: Topology = topologyOf(loadEnvironment("reference"));

/** The platform with hosts otherwise than declared, by name. */
export const withHosts = (changes: Readonly<Record<string, Partial<Host>>>): Topology => ({
  ...reference,
  sites: reference.sites.map((site) => ({
    ...site,
    zones: site.zones.map((zone) => ({ ...zone, hosts: zone.hosts.map((host) => ({ ...host, ...changes[host.name] })) })),
  })),
});

export function judged(
  rule: Rule,
  resources: readonly Shown[],
  { stack = "reference-dc1", topology = reference, today = "2026-11-30" }: Situation = {},
): { readonly said: readonly string[]; readonly unjudged: readonly string[] } {
  const run = new Run({ today, isUnknown, topologyOf: () => topology, ruleNames: rules.map(({ name }) => name) });
  const urnOf = (name: string): string => `urn:pulumi:${stack}::tandem::some:kind::${name}`;
  const named = resources.map((resource, index) => ({ name: `resource-${index}`, ...resource }));
  const seen = named.map(({ type, name, inputs, isProtected = false, isDeletedFirst = false, secrets = [] }) => {
    run.seeSecrets(urnOf(name), secrets);
    return run.see({ type, name, urn: urnOf(name), inputs: unknownCheckingProxy(inputs), isProtected, isDeletedFirst });
  });
  const reads = new Map(named.map(({ name, reads: names = [] }) => [urnOf(name), names.map(urnOf)]));
  const judgements = "types" in rule ? seen.flatMap((resource) => run.judge(rule, resource)) : run.judgeStack(rule, reads);
  return { said: judgements.map(({ text }) => text), unjudged: run.unjudged.map(({ text }) => text) };
}

type Case = readonly [what: string, resources: readonly Shown[], situation?: Situation];

export interface RuleCases {
  /** What it finds, and the beginning of what it says. */
  readonly refuses: readonly (readonly [what: string, resources: readonly Shown[], text: string, situation?: Situation])[];
  /** Twins that it leaves alone. */
  readonly permits: readonly Case[];
  /** What it can't judge in a preview; empty of a rule that reads nothing of a resource. */
  readonly waitsFor: readonly Case[];
}

export function ruleTests(rule: Rule, { refuses, permits, waitsFor }: RuleCases): void {
  describe(rule.name, () => {
    for (const [what, resources, text, situation] of refuses)
      it(`refuses ${what}`, () => {
        const { said, unjudged } = judged(rule, resources, situation);
        assert.deepEqual([said.map((each) => each.slice(0, text.length)), unjudged], [[text], []]);
        assert.match(said[0] ?? "", /; allowed .+; fix: .+/);
      });
    for (const [what, resources, situation] of permits)
      it(`permits ${what}`, () => {
        assert.deepEqual(judged(rule, resources, situation), { said: [], unjudged: [] });
      });
    for (const [what, resources, situation] of waitsFor)
      it(`waits for ${what}`, () => {
        const { said, unjudged } = judged(rule, resources, situation);
        assert.deepEqual(said, []);
        assert.match(
          unjudged.join(),
          new RegExp(`^can't be judged yet: ${rule.name} \\(1, as .*can't be known during preview\\)$`),
        );
      });
  });
}
