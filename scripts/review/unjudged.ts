import type { Change } from "./change.ts";
import { isUnjudged } from "./findings/refused.ts";

/** What no rule and no engine could say anything of, and why. */
export function unjudgedOf({ before, after, stacks, leftOut, waiting }: Change): string[] {
  const gone = "refused" in after ? [] : before.stacks.filter(({ name }) => !after.stacks.some((stack) => stack.name === name));
  const warnings = stacks.flatMap(({ report }) =>
    report.diagnostics
      .filter(({ severity, message }) => severity === "warning" && (isUnjudged(message) || !message.startsWith("policy ")))
      .map(({ message }) => ({ stack: report.stack, message: message.replace(/^policy [^\n]*\n/, "").replaceAll("\n", " ") })),
  );
  const byMessage = Map.groupBy(warnings, ({ message }) => message);
  return [
    ...stacks
      .filter(({ report }) => report.result === "not run")
      .map(({ report }) => `${report.stack}: not previewed: ${report.because}`),
    ...stacks
      .filter(({ report }) => report.result === "failed")
      .map(({ report }) => `${report.stack}: its preview failed, and says nothing of what comes after`),
    ...(leftOut.length > 0 ? [`${leftOut.join(", ")}: not asked for`] : []),
    ...(waiting.length > 0
      ? [
          `${waiting.join(", ")}: what follows from new values of stacks that change before; a review without --from state shows it`,
        ]
      : []),
    ...gone.map(({ name }) => `${name}: no longer declared; no preview shows what it leaves behind`),
    ...[...byMessage].map(([message, all]) => `${[...new Set(all.map(({ stack }) => stack))].join(", ")}: ${message}`),
  ];
}
