import type { PreviewResult } from "./preview-platform.ts";
import type { StackReport } from "./run-stack.ts";
import { changeCount, totalChanges } from "./summary.ts";

/** 0 previewed; 1 a stack failed or was not previewed; 2 changes where none were expected. */
export function exitCodeOf(reports: readonly Pick<StackReport, "result" | "changes">[], expectNoChanges: boolean): 0 | 1 | 2 {
  if (reports.some((report) => report.result !== "done")) return 1;
  return expectNoChanges && changeCount(totalChanges(reports.map((report) => report.changes))) > 0 ? 2 : 0;
}

/** What `--json` prints. */
export function previewDocument({ platform, from, reports }: PreviewResult, seconds: number): object {
  return {
    platform,
    from,
    seconds,
    ok: exitCodeOf(reports, false) === 0,
    changes: totalChanges(reports.map((report) => report.changes)),
    stacks: reports.map(({ stack, result, because, seconds: own, changes, resources, diagnostics }) => ({
      stack,
      result,
      ...(because && { because }),
      seconds: own,
      changes,
      resources,
      diagnostics,
    })),
  };
}
