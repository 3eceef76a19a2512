import type { EngineEvent } from "@pulumi/pulumi/automation/index.js";
import type { Ordered } from "./plan.ts";
import type { StackProgress } from "./progress.ts";
import { describeReport, notRun, refused, runStack, type StackReport } from "./run-stack.ts";
import { runInOrder } from "./schedule.ts";
import { type Project, withEmptyBackend } from "./workspace.ts";

export interface RunStacksOptions {
  readonly kind: "preview" | "up";
  readonly jobs: number;
  readonly diff?: boolean;
  readonly signal?: AbortSignal;
  readonly progress: StackProgress;
  /** Asked right before each stack: why it must not be run, if it must not. */
  readonly mayRun?: (stack: string) => Promise<string | undefined>;
  /** All that the engine tells of each stack. */
  readonly onEvent?: (stack: string, event: EngineEvent) => void;
}

class StackFailed extends Error {
  readonly report: StackReport;

  constructor(report: StackReport) {
    super(report.stack);
    this.report = report;
  }
}

/** Previews stacks side by side, or updates them in their order; in an `up` nothing new starts after a failure. */
export async function runStacks(project: Project, stacks: readonly Ordered[], options: RunStacksOptions): Promise<StackReport[]> {
  if (options.kind === "up" || project.isTemporary) return runOn(() => project, stacks, options);
  const known = await project.list();
  if (stacks.every(({ name }) => known.has(name))) return runOn(() => project, stacks, options);
  return withEmptyBackend({ engineEnv: project.engineEnv }, (empty) =>
    runOn((stack) => (known.has(stack) ? project : empty), stacks, options),
  );
}

async function runOn(
  projectOf: (stack: string) => Project,
  stacks: readonly Ordered[],
  options: RunStacksOptions,
): Promise<StackReport[]> {
  const { kind, jobs, signal, progress, onEvent } = options;
  // A preview writes no state: no other preview can see it, so there is nothing to wait for.
  const ordered = kind === "preview" ? stacks.map(({ name }) => ({ name, after: [] })) : stacks;
  const outcomes = await runInOrder(ordered, { jobs, stopAtFailure: kind === "up", ...(signal && { signal }) }, async (stack) => {
    const refusal = await options.mayRun?.(stack);
    const report =
      refusal === undefined
        ? await runStack(projectOf(stack), stack, kind, {
            ...(options.diff && { diff: true }),
            ...(signal && { signal }),
            ...(onEvent && { onEvent: (event) => onEvent(stack, event) }),
            onProgress: (text) => progress.update(stack, text),
          })
        : refused(stack, refusal);
    progress.end(stack, describeReport(report, kind === "up" ? "done" : "to"));
    if (report.result === "failed") throw new StackFailed(report);
    return report;
  });
  await progress.close();
  return stacks.map(({ name }) => {
    const outcome = outcomes.get(name);
    if (outcome?.state === "done") return outcome.value;
    if (outcome?.state === "failed") {
      if (outcome.error instanceof StackFailed) return outcome.error.report;
      throw outcome.error;
    }
    return notRun(name, outcome?.because ?? "");
  });
}
