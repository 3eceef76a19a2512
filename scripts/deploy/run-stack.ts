import type { EngineEvent } from "@pulumi/pulumi/automation/index.js";
import { EngineError } from "./engine-command.ts";
import { changeCount, describeChanges, EventSummary, type StackSummary, withoutColors } from "./summary.ts";
import type { Project } from "./workspace.ts";

/** What one run of one stack did or would do. */
export interface StackReport extends StackSummary {
  readonly stack: string;
  /** `previewed`: what a run that then stopped would have done. */
  readonly result: "done" | "previewed" | "failed" | "not run";
  /** Why it was not run. */
  readonly because: string;
  readonly seconds: number;
  /** The engine's own account, with the differences. */
  readonly text: string;
}

export interface RunOptions {
  readonly signal?: AbortSignal;
  /** Asks the engine for the differences property by property. */
  readonly diff?: boolean;
  readonly onProgress?: (text: string) => void;
  /** All that the engine tells. */
  readonly onEvent?: (event: EngineEvent) => void;
}

/** Previews or updates a stack. A stack that fails is a report like another, with what the engine said about it. */
export async function runStack(
  project: Project,
  stack: string,
  kind: "preview" | "up",
  options: RunOptions,
): Promise<StackReport> {
  const start = performance.now();
  const events = new EventSummary();
  const parameters = {
    color: "never" as const,
    suppressProgress: true,
    policyPacks: await project.policyPacks(),
    ...(options.diff && { diff: true }),
    ...(options.signal && { signal: options.signal }),
    onEvent: (event: EngineEvent) => {
      events.add(event);
      options.onEvent?.(event);
      options.onProgress?.(`${kind === "up" ? `${events.finished} of ${events.started}` : events.started} resources`);
    },
  };
  options.onProgress?.("starts");
  let text = "";
  let failure: Error | undefined;
  try {
    // A preview makes no stack: other people's backends are not changed by looking.
    const opened = kind === "up" || project.isTemporary ? await project.openOrCreate(stack) : await project.open(stack);
    text = (kind === "up" ? await opened.up(parameters) : await opened.preview(parameters)).stdout;
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    failure = error;
    text = error.stdout;
  }
  const summary = failure && kind === "up" ? events.summaryOfDone : events.summary;
  const seconds = Math.round((performance.now() - start) / 100) / 10;
  if (!failure) return { stack, result: "done", because: "", seconds, text, ...summary };
  const told = summary.diagnostics.some((diagnostic) => diagnostic.severity === "error");
  const message = options.signal?.aborted ? "interrupted" : withoutColors(failure.message);
  const diagnostics = told
    ? summary.diagnostics
    : [...summary.diagnostics, { severity: "error" as const, resource: "", message }];
  return { stack, result: "failed", because: "", seconds, text, ...summary, diagnostics };
}

/** A report for a stack that was not started. */
export const notRun = (stack: string, because: string): StackReport => ({
  stack,
  result: "not run",
  because,
  seconds: 0,
  text: "",
  ...new EventSummary().summary,
});

/** A report for a stack that must not be run: it stops what comes after it, as a failure does. */
export const refused = (stack: string, message: string): StackReport => ({
  ...notRun(stack, ""),
  result: "failed",
  diagnostics: [{ severity: "error", resource: "", message }],
});

/** One line on what became of a stack. */
export function describeReport(report: StackReport, verb: "to" | "done"): string {
  if (report.result === "not run") return `not run: ${report.because}`;
  const errors = report.diagnostics.filter((diagnostic) => diagnostic.severity === "error");
  if (report.result === "failed") {
    const done = verb === "done" && changeCount(report.changes) > 0 ? `, after ${describeChanges(report.changes, verb)}` : "";
    return `FAILED after ${report.seconds} s${done}: ${errors[0]?.message.split("\n")[0] ?? ""}`;
  }
  return `${describeChanges(report.changes, verb)} (${report.seconds} s)`;
}
