import { stakeOf } from "../../deploy/protected.ts";
import type { Step } from "../../deploy/steps.ts";
import type { Finding } from "./finding.ts";

/** Deletions and replacements of what holds data, passwords or the authority. */
export function statefulFindings(stack: string, steps: readonly Step[]): Finding[] {
  return steps.flatMap((step): Finding[] => {
    if (step.op !== "delete" && step.op !== "replace") return [];
    const stake = stakeOf(step.urn, step.isProtected);
    if (stake === undefined) return [];
    const because = step.replacing.length > 0 ? `, because of ${step.replacing.join(", ")}` : "";
    return [
      {
        weight: "dangerous",
        subject: step.name,
        what: `is ${step.op === "delete" ? "deleted" : "replaced"}${because}: ${stake}`,
        todo: `leave it as it is; a resource that only gets another name needs an alias. To let it go all the same: npm run pulumi -- state unprotect '${step.urn}' --stack ${stack}`,
      },
    ];
  });
}
