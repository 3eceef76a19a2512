import type { StackRule } from "../rule.ts";
import { own } from "../sources.ts";

export const rule: StackRule = {
  name: "exception-must-excuse",
  holds: "An exception is of a rule that there is, and is looked at before its last day",
  source: own("docs/policies.md", "an exception that nobody misses is one that an intruder finds"),
  level: { advisoryBecause: "what an exception no longer excuses is refused by its own rule" },
  *checkStack({ topology, resources, today, ruleNames }) {
    for (const { name, rule, resource: of, owner, expires } of topology.exceptions) {
      if (!ruleNames.includes(rule))
        yield {
          ...{ what: `exception ${name} is of a rule that there is not`, given: rule, allowed: ruleNames.join(", ") },
          fix: "correct its rule, or remove it",
        };
      const resource = resources.find((each) => each.name === of);
      if (resource && expires < today)
        yield {
          ...{ resource, what: `exception ${name} has expired`, given: expires, allowed: `${today} or later` },
          fix: `remove it, or let ${owner} prolong it`,
        };
    }
  },
};
