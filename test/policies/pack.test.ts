import assert from "node:assert/strict";
import { test } from "node:test";
import { policiesOf } from "../../policies/pack.ts";
import type { Rule } from "../../policies/rule.ts";
import { reference } from "./judging.ts";

const counting: Rule[] = [
  { types: [], ...named("name-must-be-read"), check: ({ name }) => [{ what: `reads ${name}`, fix: "none" }] },
  { ...named("resources-must-be-counted"), checkStack: ({ resources }) => [{ what: `has ${resources.length}`, fix: "none" }] },
];

test("a pack that judges several runs keeps them apart", async () => {
  const policies = policiesOf(counting, () => ({ topologyOf: () => reference, today: "2026-11-30" }));
  const said: string[] = [];
  const report = (text: string): void => void said.push(text.replace(/;.*/, ""));
  const see = async (stack: string, type: string, name: string): Promise<void> => {
    const resource = { type, name, urn: `urn:pulumi:${stack}::tandem::${type}::${name}`, props: {}, opts: { protect: false } };
    const notApplicable = (): never => {
      throw undefined;
    };
    const isType = (of: { __pulumiType: string }): boolean => of.__pulumiType === type;
    const args = { ...resource, isType, asType: () => resource.props, notApplicable };
    for (const policy of policies)
      if ("validateResource" in policy && typeof policy.validateResource === "function")
        try {
          await policy.validateResource(args as never, report);
        } catch (error) {
          if (error !== undefined) throw error;
        }
  };
  const end = async (stack: string): Promise<void> => {
    const resources = [{ urn: `urn:pulumi:${stack}::tandem::some:kind::last`, propertyDependencies: {} }];
    for (const policy of policies) if ("validateStack" in policy) await policy.validateStack({ resources } as never, report);
  };
  await see("reference-dc1", "pulumi:pulumi:Stack", "stack");
  await see("reference-dc1", "some:kind", "left-by-a-run-that-failed");
  await see("reference-dc1", "pulumi:pulumi:Stack", "stack");
  await see("reference-dc2", "pulumi:pulumi:Stack", "stack");
  await see("reference-dc1", "some:kind", "one");
  await see("reference-dc2", "some:kind", "other");
  await see("reference-dc1", "some:kind", "two");
  said.length = 0;
  await end("reference-dc1");
  await end("reference-dc2");
  await end("reference-dc2");
  assert.deepEqual(said, ["has 2", "has 1"]);
});

function named(name: Rule["name"]): Pick<Rule, "name" | "holds" | "source" | "level"> {
  return { name, holds: "It is as it should be", source: "this test alone, of no rule", level: "mandatory" };
}
