import { main, UserError } from "../console/errors.ts";
import { logEnd } from "../console/log.ts";
import { interruptSignal } from "../console/steps.ts";
import { readApproval } from "./approval.ts";
import { collect, command, jobsOption, machineJobs } from "./cli.ts";
import { confirmed } from "./confirm.ts";
import { type DeployResult, deploy, showOn } from "./deploy.ts";
import type { StackReport } from "./run-stack.ts";
import { renderFailures, renderReports, renderWarnings } from "./table.ts";

interface Options {
  readonly platform: string;
  readonly stack: string[];
  readonly jobs: number;
  readonly yes?: true;
  readonly approved?: string;
  readonly page?: string;
  readonly withoutImages?: true;
}

/** What ends an `up`: what is done, what is not, and how to go on. */
export function renderResult(
  { outcome, reports, reason }: DeployResult,
  options: {
    readonly platform: string;
    readonly stack: readonly string[];
    readonly approved?: string;
    readonly page?: string;
  },
  seconds: number,
): string {
  if (outcome === "unchanged") return `${options.platform}: nothing to change in ${reports.length} stacks (${seconds} s)`;
  const parts = [renderReports(reports, seconds), renderWarnings(reports), renderFailures(reports)];
  if (outcome === "failed") {
    const named = (result: StackReport["result"]): string =>
      reports
        .filter((report) => report.result === result)
        .map((report) => report.stack)
        .join(", ") || "none";
    const again = [
      ...["npm run up --", `--platform ${options.platform}`, ...options.stack.map((name) => `--stack ${name}`)],
      ...(options.approved === undefined ? [] : [`--approved ${options.approved}`]),
      ...(options.page === undefined ? [] : [`--page ${options.page}`]),
    ].join(" ");
    parts.push(
      `stopped: ${reason}\ndone: ${named("done")}\npreviewed only: ${named("previewed")}\nfailed: ${named("failed")}\nnot run: ${named("not run")}\nto go on: mend the cause, then run again: ${again}`,
    );
  }
  if (outcome === "declined") parts.push(reason);
  return parts.filter(Boolean).join("\n\n");
}

async function ask(previews: readonly StackReport[]): Promise<boolean> {
  process.stdout.write(`\n${renderReports(previews, 0)}\n${renderWarnings(previews)}\n`);
  return confirmed("Change these real machines?");
}

if (import.meta.main) {
  await main(async () => {
    const options = command("up", "brings the stacks to what is declared: standby site first, verified, then the active site")
      .requiredOption("--platform <name>", "the platform, as in environments/<name>.yaml")
      .option("--stack <name>", "only this stack; can be given more than once", collect, [])
      .option("--jobs <number>", "stacks at once (default: as memory and cores allow)", jobsOption, machineJobs())
      .option(
        "--without-images",
        "make a site the active one although its registry lacks images of the other's, or can't be compared",
      )
      .option("--approved <digest>", "do what the review with this digest showed, and refuse anything else")
      .option("--page <file>", "the approved page, as npm run review --page wrote it; needed where the review was not made here")
      .option("--yes", "change real machines without asking")
      .parse()
      .opts<Options>();
    if (options.page !== undefined && options.approved === undefined)
      throw new UserError("--page: allowed is --page together with --approved <digest>. Nothing was changed.");
    const start = performance.now();
    const result = await deploy({
      ...(options.approved !== undefined && { approval: readApproval(options.approved, options.page) }),
      platform: options.platform,
      stacks: options.stack,
      jobs: options.jobs,
      signal: interruptSignal(),
      show: showOn(process.stdout),
      withoutImages: options.withoutImages === true,
      confirm: options.yes ? async () => true : ask,
    });
    process.stdout.write(`\n${renderResult(result, options, Math.round((performance.now() - start) / 100) / 10)}\n`);
    const good = result.outcome === "changed" || result.outcome === "unchanged";
    if (result.outcome === "failed") process.stderr.write(`\nLast in the log:\n${logEnd()}\n`);
    return good ? 0 : 1;
  });
}
