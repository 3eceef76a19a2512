import { whyProtected } from "../../deploy/protected.ts";
import type { StackReport } from "../../deploy/run-stack.ts";
import type { Step } from "../../deploy/steps.ts";
import type { Finding } from "./finding.ts";

/** What the program, the engine or a policy refuses, and what policies advise on resources that change. */
export function refusedFindings({ stack, diagnostics }: StackReport, steps: readonly Step[]): Finding[] {
  return diagnostics.flatMap(({ severity, resource, message }): Finding[] => {
    const isAdvice = isOfPolicy(message) && steps.some(({ name }) => resource === "" || name === resource);
    if (isUnjudged(message) || (severity === "warning" && !isAdvice)) return [];
    const [first = "", ...rest] = message.split("\n");
    const fix = /; fix: ([^\n]*)/.exec(message)?.[1];
    const text = isOfPolicy(message)
      ? `${first.split(":")[0]}: ${rest.join(" ").replace(/; fix: .*/, "")}`
      : message.replaceAll("\n", " ");
    return [
      {
        weight: severity === "error" ? "dangerous" : "care",
        subject: resource || stack,
        what: `${severity === "error" ? "an up refuses it: " : ""}${text.trim()}`,
        todo: whyProtected(stack, message) ?? fix ?? "mend it, and review it again",
      },
    ];
  });
}

const isOfPolicy = (message: string): boolean => message.startsWith("policy ");

/** The engine's word for what a rule can't see in a preview. */
export const isUnjudged = (message: string): boolean => message.includes("can't be judged yet");
