// npm run bench [-- <name>…]: what we claim about time, measured here. Ratios of medians; absolute times are this machine's.
import Table from "cli-table3";
import { Command } from "commander";
import { main, UserError } from "../console/errors.ts";
import { interruptSignal } from "../console/steps.ts";
import { jobsOption, machineJobs } from "../deploy/cli.ts";
import { ensureEngine } from "../toolchain/engine.ts";
import { growth, parallelPreviews, policyCost, previewCost, startCost, whereUpsHurt } from "./engine.ts";
import { secondUp } from "./lab.ts";
import { type Comparison, machineDescription } from "./measure.ts";
import { modelGrowth } from "./model.ts";
import type { Bench } from "./trial-project.ts";

const benchmarks = ["model", "preview", "policies", "start", "parallel", "growth", "second-up"] as const;
type Name = (typeof benchmarks)[number];

await main(async () => {
  const program = new Command("bench")
    .argument("[names...]", `what to measure: ${benchmarks.join(", ")}; default: all`)
    .option("--jobs <n>", "previews at once", jobsOption, machineJobs())
    .parse();
  const unknown = program.args.filter((name) => !(benchmarks as readonly string[]).includes(name));
  if (unknown.length > 0) throw new UserError(`bench: given ${unknown.join(", ")}; allowed ${benchmarks.join(", ")}`);
  const wanted = new Set<string>(program.args.length > 0 ? program.args : benchmarks);
  const say = (text: string): void => void process.stderr.write(`${text}\n`);
  const signal = interruptSignal();
  const bench: Bench = { engine: await ensureEngine({ signal }, say), signal, say };
  const { jobs } = program.opts<{ jobs: number }>();
  const run: Readonly<Record<Name, () => Promise<Comparison[]>>> = {
    model: () => modelGrowth(say),
    preview: () => previewCost(bench),
    policies: () => policyCost(bench),
    start: () => startCost(bench),
    parallel: () => parallelPreviews(bench, jobs),
    growth: () => growth(bench),
    "second-up": () => secondUp(bench),
  };
  const table = new Table({
    head: ["measured", "against", "seconds", "against", "ratio", "goal"],
    style: { head: [], border: [] },
  });
  const rows: Comparison[] = [];
  for (const name of benchmarks) {
    if (!wanted.has(name)) continue;
    for (const row of await run[name]()) {
      rows.push(row);
      const verdict = row.goal === undefined ? "reported" : `${row.ratio <= row.goal ? "met" : "MISSED"}: ${row.goal} or less`;
      say(`${row.name}, against ${row.of}: ${row.ratio.toFixed(2)}, ${verdict}`);
      table.push([row.name, row.of, row.seconds.toFixed(2), row.baseSeconds.toFixed(2), row.ratio.toFixed(2), verdict]);
    }
  }
  process.stdout.write(`${machineDescription()}\n${table.toString()}\n${wanted.has("growth") ? `${whereUpsHurt(rows)}\n` : ""}`);
  return rows.some(({ ratio, goal = ratio }) => ratio > goal) ? 1 : 0;
});
