import { endingExceptions } from "../../environments/model/flows/findings.ts";
import type { StackRule } from "../rule.ts";
import { own } from "../sources.ts";

export const rule: StackRule = {
  name: "flow-must-not-cross-zones",
  holds: "Business traffic passes from one zone to another by an exception alone, and until its last day",
  source: own(
    "docs/flows.md",
    "a flow between zones without an exception is refused with the environment file; days pass without a change",
  ),
  level: {
    advisoryBecause:
      "a switch to the other site in an emergency must not be refused because a day has passed; npm run env -- check refuses it, and so a pull request does",
  },
  *checkStack({ topology, plan, today }) {
    if (plan.kind !== "zone") return;
    for (const { flow, what } of endingExceptions(topology, today, 0)) {
      const { from, to } = topology.flows.find(({ name }) => name === flow) ?? { from: "", to: "" };
      if (![from, to].some((end) => end.split("/")[0] === plan.zone)) continue;
      yield {
        what: `flow ${flow}, ${from} to ${to}: ${what}`,
        allowed: "a live exception",
        fix: "remove the flow, or have its owner prolong the exception",
      };
    }
  },
};
