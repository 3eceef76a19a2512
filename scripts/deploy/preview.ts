import { main } from "../console/errors.ts";
import { logEnd } from "../console/log.ts";
import { interruptSignal } from "../console/steps.ts";
import { collect, command, jobsOption, machineJobs } from "./cli.ts";
import { exitCodeOf, previewDocument } from "./preview-document.ts";
import { preview } from "./preview-platform.ts";
import { changeCount, totalChanges } from "./summary.ts";
import { renderFailures, renderReports, renderWarnings } from "./table.ts";

interface Options {
  readonly platform: string;
  readonly stack: string[];
  readonly jobs: number;
  readonly json?: true;
  readonly diff?: true;
  readonly fromEmpty?: true;
  readonly expectNoChanges?: true;
}

const exitCodes = `
Exit codes: 0 previewed, with or without changes; 1 a stack failed or was not previewed; 2 with --expect-no-changes, when there are changes.`;

await main(async () => {
  const options = command("preview", "shows what an up would do, with the real engine, without reaching any host")
    .requiredOption("--platform <name>", "the platform, as in environments/<name>.yaml")
    .option("--stack <name>", "only this stack; can be given more than once", collect, [])
    .option("--jobs <number>", "stacks at once (default: as memory and cores allow)", jobsOption, machineJobs())
    .option("--json", "print one JSON document and nothing else")
    .option("--diff", "show the differences property by property")
    .option("--from-empty", "as if nothing were deployed")
    .option("--expect-no-changes", "end with code 2 when there are changes")
    .addHelpText("after", exitCodes)
    .parse()
    .opts<Options>();
  const start = performance.now();
  // With --json the document is all that standard output gets.
  const stream = options.json ? process.stderr : process.stdout;
  const result = await preview({
    platform: options.platform,
    stacks: options.stack,
    jobs: options.jobs,
    diff: options.diff ?? false,
    fromEmpty: options.fromEmpty ?? false,
    signal: interruptSignal(),
    stream,
  });
  const seconds = Math.round((performance.now() - start) / 100) / 10;
  const { reports } = result;
  if (options.json) process.stdout.write(`${JSON.stringify(previewDocument(result, seconds), undefined, 2)}\n`);
  else {
    const parts = [
      options.diff &&
        reports
          .filter((report) => changeCount(report.changes) > 0)
          .map((report) => `${report.stack}\n${report.text}`)
          .join("\n"),
      renderReports(reports, seconds),
      result.from === "empty" ? `${options.platform}: previewed from an empty state, as a first deployment` : "",
      renderWarnings(reports),
      renderFailures(reports),
    ];
    process.stdout.write(`\n${parts.filter(Boolean).join("\n\n")}\n`);
  }
  const exitCode = exitCodeOf(reports, options.expectNoChanges ?? false);
  if (exitCode === 1) process.stderr.write(`\nLast in the log:\n${logEnd()}\n`);
  if (exitCode === 2)
    process.stderr.write(`changes: ${changeCount(totalChanges(reports.map((report) => report.changes)))}, expected none\n`);
  return exitCode;
});
