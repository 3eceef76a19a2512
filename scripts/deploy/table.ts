import Table from "cli-table3";
import { whyProtected } from "./protected.ts";
import type { StackReport } from "./run-stack.ts";
import { changeKinds, totalChanges } from "./summary.ts";

/** The table that ends a preview or an `up`: stack, create, update, replace, delete, same, seconds. */
export function renderReports(reports: readonly StackReport[], wallSeconds: number): string {
  const table = new Table({
    head: ["stack", ...changeKinds, "seconds", ""],
    style: { head: [], border: [], compact: true },
    colAligns: ["left", "right", "right", "right", "right", "right", "right", "left"],
  });
  for (const report of reports) {
    const remark = remarks[report.result](report);
    table.push([report.stack, ...changeKinds.map((kind) => String(report.changes[kind])), report.seconds.toFixed(1), remark]);
  }
  const total = totalChanges(reports.map((report) => report.changes));
  table.push(["in all", ...changeKinds.map((kind) => String(total[kind])), wallSeconds.toFixed(1), ""]);
  return table.toString();
}

const remarks: Readonly<Record<StackReport["result"], (report: StackReport) => string>> = {
  done: () => "",
  previewed: () => "previewed only",
  failed: () => "FAILED",
  "not run": ({ because }) => `not run: ${because}`,
};

/** Warnings of all stacks, each text once with the stacks that it was said for. */
export function renderWarnings(reports: readonly StackReport[]): string {
  const stacks = new Map<string, string[]>();
  for (const report of reports) {
    for (const { severity, message } of report.diagnostics) {
      if (severity === "warning") stacks.set(message, [...new Set([...(stacks.get(message) ?? []), report.stack])]);
    }
  }
  return [...stacks].map(([message, names]) => `warning (${names.join(", ")}): ${message}`).join("\n");
}

/** What the engine said about the stacks that failed. */
export function renderFailures(reports: readonly StackReport[]): string {
  return reports
    .filter((report) => report.result === "failed")
    .map((report) => {
      const errors = report.diagnostics.filter((diagnostic) => diagnostic.severity === "error");
      const lines = errors.flatMap(({ resource, message }) => {
        const why = whyProtected(report.stack, message);
        return [indent(resource ? `${resource}: ${message}` : message), ...(why === undefined ? [] : [indent(why)])];
      });
      return `${report.stack} failed:\n${lines.join("\n")}`;
    })
    .join("\n\n");
}

const indent = (text: string): string =>
  text
    .split("\n")
    .map((line) => `  ${line}`)
    .join("\n");
