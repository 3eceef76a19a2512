import { checkout } from "../console/directories.ts";
import { UserError } from "../console/errors.ts";
import { type Approval, type StepDifference, sourceProblems, stepDifference, strangeSteps } from "./approval.ts";
import type { Platform } from "./platform.ts";
import type { StackProgress } from "./progress.ts";
import { describeReport } from "./run-stack.ts";
import { runStacks } from "./run-stacks.ts";
import { type Step, Steps } from "./steps.ts";
import type { Project } from "./workspace.ts";

// An `up` that does what was approved and nothing else.

/** Refuses a checkout that says something else than what was approved. */
export function refuseOtherSource(approval: Approval, { topology }: Platform): void {
  const problems = sourceProblems(approval, topology, checkout);
  if (problems.length > 0)
    throw new UserError(`not what was approved; nothing was changed:\n${problems.map((each) => `  ${each}`).join("\n")}`);
}

export interface Planned {
  readonly stack: string;
  readonly steps: readonly Step[];
  /** It reads from stacks that this run changes first: what their new values bring about can't be seen yet. */
  readonly waits: boolean;
}

/** What would be done and is not approved, by stack; undefined where all is. */
export function notApproved(approval: Approval, planned: readonly Planned[]): string | undefined {
  const texts = planned.flatMap(({ stack, steps, waits }) => {
    const difference = (waits ? strangeSteps : stepDifference)(approval, stack, steps);
    return difference.added.length > 0 ? [`${stack}:\n${differenceText(difference)}`] : [];
  });
  return texts.length > 0 ? texts.join("\n") : undefined;
}

/** Previews a stack right before its `up`; says why it must not go on, if it must not. */
export function approvedGate(
  approval: Approval,
  { stacks, project }: Platform & { readonly project: Project },
  signal: AbortSignal,
): (stack: string) => Promise<string | undefined> {
  return async (stack) => {
    const steps = new Steps();
    const [report] = await runStacks(
      project,
      stacks.filter(({ name }) => name === stack),
      { kind: "preview", jobs: 1, signal, progress: unseen, onEvent: (_, event) => steps.add(event) },
    );
    if (report?.result !== "done") return report && describeReport(report, "to");
    const difference = stepDifference(approval, stack, steps.all);
    return difference.added.length > 0 ? `not what was approved:\n${differenceText(difference)}` : undefined;
  };
}

const unseen: StackProgress = { update: () => {}, end: () => {}, close: async () => {} };

/** As a patch: what is approved and not to be done goes, what is not approved comes. */
const differenceText = ({ added, left }: StepDifference): string =>
  [...left.map((text) => `  - ${text}`), ...added.map((text) => `  + ${text}`)].join("\n");
