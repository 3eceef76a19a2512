import Table from "cli-table3";
import { Listr } from "listr2";
import { UserError } from "./errors.ts";
import { verbose } from "./log.ts";

/** What a step says while it runs: one short line that replaces the one before it. */
export type Report = (text: string) => void;

export interface Step {
  /** What is being done, in the user's words. */
  readonly title: string;
  /** Returns a word on the outcome ("already there", "12 made"), shown behind the title. */
  readonly run: (report: Report) => Promise<string | undefined>;
}

export interface StepTime {
  readonly title: string;
  readonly seconds: number;
  readonly outcome: string;
}

/** Runs steps one after another with progress: which of how many, what, how long. Plain lines where there is no terminal. */
export async function runSteps(steps: readonly Step[]): Promise<StepTime[]> {
  const times: StepTime[] = [];
  const tasks = new Listr(
    steps.map((step, index) => ({
      title: `[${index + 1}/${steps.length}] ${step.title}`,
      task: async (_: unknown, task): Promise<void> => {
        const start = performance.now();
        const title = `[${index + 1}/${steps.length}] ${step.title}`;
        const clock = setInterval(() => {
          task.title = `${title} (${seconds(start)} s)`;
        }, 1000);
        try {
          const outcome =
            (await step.run((text) => {
              task.output = `${text} (${seconds(start)} s)`;
            })) ?? "done";
          times.push({ title: step.title, seconds: seconds(start), outcome });
          task.title = `${title}: ${outcome} (${seconds(start)} s)`;
        } finally {
          clearInterval(clock);
        }
      },
    })),
    {
      concurrent: false,
      renderer: "default",
      fallbackRenderer: "simple",
      fallbackRendererCondition: () => verbose || !process.stdout.isTTY,
      registerSignalListeners: false,
      rendererOptions: { collapseErrors: false, showErrorMessage: false },
    },
  );
  await tasks.run();
  return times;
}

const seconds = (start: number): number => Math.round((performance.now() - start) / 100) / 10;

/** A report for what is told often (packages compiled, megabytes received): a log gets a line every five seconds, a terminal each of them. */
export function paced(report: Report): Report {
  if (process.stdout.isTTY) return report;
  let last = Number.NEGATIVE_INFINITY;
  return (text) => {
    if (performance.now() - last < 5_000) return;
    last = performance.now();
    report(text);
  };
}

/** The table of the parts' times that ends a long command. */
export function renderTimes(times: readonly StepTime[]): string {
  const table = new Table({ head: ["part", "seconds", "outcome"], style: { head: [], border: [] } });
  for (const time of times) table.push([time.title, time.seconds.toFixed(1), time.outcome]);
  const total = times.reduce((sum, time) => sum + time.seconds, 0);
  table.push(["in all", total.toFixed(1), ""]);
  return table.toString();
}

/** An abort signal that the first Ctrl-C or TERM sets: long work ends what it started and leaves; a second one ends at once. */
export function interruptSignal(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      if (controller.signal.aborted) process.exit(130);
      process.stderr.write("\ninterrupted: ending what was started; once more to leave at once\n");
      controller.abort(new UserError("interrupted; run the same command again to go on"));
    });
  }
  return controller.signal;
}
