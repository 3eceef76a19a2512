import { writeFileSync } from "node:fs";
import { Option } from "commander";
import { main } from "../console/errors.ts";
import { interruptSignal } from "../console/steps.ts";
import { withTemporaryDirectory } from "../console/temporary-directory.ts";
import { keepApproval } from "../deploy/approval.ts";
import { collect, command, jobsOption, machineJobs } from "../deploy/cli.ts";
import { changeFrom, prepareBase } from "./change.ts";
import { renderHtml } from "./html.ts";
import { renderMarkdown } from "./markdown.ts";
import { type Page, pageOf, type Verdict } from "./page.ts";
import { worktree } from "./sources.ts";

interface Options {
  readonly platform: string;
  readonly base: string;
  readonly from: "base" | "state";
  readonly head: string;
  readonly stack: string[];
  readonly jobs: number;
  readonly format: keyof typeof formats;
  readonly page?: string;
}

const formats = {
  markdown: renderMarkdown,
  html: renderHtml,
  json: (page: Page): string => `${JSON.stringify(page, undefined, 2)}\n`,
};

const exitCodes: Readonly<Record<Verdict, number>> = { "no change": 0, safe: 0, "needs care": 3, dangerous: 4 };

await main(async () => {
  const options = command("review", "says on one page what a change would do, without reaching any host")
    .requiredOption("--platform <name>", "the platform, as in environments/<name>.yaml")
    .requiredOption("--base <git ref>", "what the change starts from")
    .addOption(
      new Option(
        "--from <what>",
        "what the stacks are taken for: what they would be at the base, or what the platform's state says",
      )
        .choices(["base", "state"])
        .default("base"),
    )
    .option("--head <git ref>", `what it leads to; ${worktree}: the checkout with all that is not committed`, worktree)
    .addOption(new Option("--format <format>", "what is written").choices(Object.keys(formats)).default("markdown"))
    .option("--page <file>", "write it for a machine besides, as --format json does: what an approved up takes")
    .option("--stack <name>", "only this stack; can be given more than once", collect, [])
    .option("--jobs <number>", "stacks at once (default: as memory and cores allow)", jobsOption, machineJobs())
    .addHelpText("after", "\nExit codes: 0 no change or safe; 3 needs care; 4 dangerous; 1 no page could be made.")
    .parse()
    .opts<Options>();
  const review = { ...options, stacks: options.stack, signal: interruptSignal(), stream: process.stderr };
  const change = await withTemporaryDirectory(async (directory) => {
    const found = await changeFrom(await prepareBase(review, directory), review, directory);
    return { ...found, page: pageOf(found) };
  });
  review.signal.throwIfAborted();
  if (change.page.approval) keepApproval(change.page.approval);
  if (options.page !== undefined) writeFileSync(options.page, formats.json(change.page));
  process.stdout.write(formats[options.format](change.page, change));
  return exitCodes[change.page.verdict];
});
