import { readPlatform } from "../deploy/platform.ts";
import { withEmptyBackend } from "../deploy/workspace.ts";
import type { Engine } from "../toolchain/engine.ts";
import { type Comparison, compare } from "./measure.ts";
import { idleResources, rawResources } from "./programs.ts";
import { type TrialProject, trialProject } from "./trial-project.ts";

type Say = (text: string) => void;

const measuredStack = "reference-dc1-platform";

/** Our components against the same resources written out by hand, and our runtime options against the default ones. */
export async function previewCost(engine: Engine, say: Say): Promise<Comparison[]> {
  return withEmptyBackend({ engineEnv: engine.env }, async (project) => {
    await project.openOrCreate(measuredStack);
    const ours = (): Promise<string> => project.cli(["preview", "--stack", measuredStack, "--json"]);
    const { steps } = JSON.parse(await ours()) as {
      steps: { newState: { type: string; urn: string; inputs: Record<string, unknown> } }[];
    };
    const resources = steps
      .map(({ newState }) => newState)
      .filter(({ type }) => type === "command:remote:Command")
      .map(({ urn, inputs }) => ({
        name: urn.split("::").at(-1),
        inputs: { ...inputs, connection: { host: "192.0.2.1", user: "bench" } },
      }));
    const files = { "resources.json": JSON.stringify(resources) };
    const byHand = await trialProject(engine, { program: rawResources, typescript: "stripped", files });
    const byDefault = await trialProject(engine, { program: rawResources, typescript: "default", files });
    try {
      const preview = (trial: TrialProject) => () => trial.pulumi("preview", "--json");
      return [
        await compare(
          { name: `preview of ${measuredStack}`, of: "the same resources written by hand", goal: 1.15 },
          ours,
          preview(byHand),
          say,
        ),
        await compare(
          { name: "preview with our runtime options", of: "Pulumi's default TypeScript path", goal: 0.5 },
          preview(byHand),
          preview(byDefault),
          say,
        ),
      ];
    } finally {
      byHand.remove();
      byDefault.remove();
    }
  });
}

/** All previews of the reference at once against one after another. */
export async function parallelPreviews(engine: Engine, jobs: number, say: Say): Promise<Comparison[]> {
  const { runStacks } = await import("../deploy/run-stacks.ts");
  const { stackProgress } = await import("../deploy/progress.ts");
  const { stacks } = readPlatform("reference");
  const run = (at: number) => () =>
    withEmptyBackend({ engineEnv: engine.env }, (project) =>
      runStacks(project, stacks, {
        kind: "preview",
        jobs: at,
        diff: false,
        signal: new AbortController().signal,
        progress: stackProgress(
          "previews",
          stacks.map(({ name }) => name),
          process.stderr,
        ),
      }),
    );
  return [
    await compare(
      { name: `previews of reference, ${jobs} at once`, of: "one after another", goal: 0.65 },
      run(jobs),
      run(1),
      say,
    ),
  ];
}

/** Twice the resources against once: a preview must grow with them and no faster; an `up` on the file backend grows faster, and hurts from some size. */
export async function growth(engine: Engine, say: Say): Promise<Comparison[]> {
  const comparisons: Comparison[] = [];
  for (const count of [100, 200, 400]) {
    const [single, double] = [await idle(engine, count), await idle(engine, 2 * count)];
    try {
      const preview = (trial: TrialProject) => () => trial.pulumi("preview");
      const what = { name: `preview of ${2 * count} resources`, of: `${count} resources`, goal: 2.2 };
      comparisons.push(await compare(what, preview(double), preview(single), say));
      const ups = { name: `first up of ${2 * count} resources`, of: `${count} resources, on the file backend` };
      comparisons.push(await compare(ups, up(double), up(single), say, () => Promise.all([down(double), down(single)])));
    } finally {
      single.remove();
      double.remove();
    }
  }
  return comparisons;
}

/** The stack size from which an `up` on the file backend more than doubles with its resources. */
export function whereUpsHurt(comparisons: readonly Comparison[]): string {
  const hurting = comparisons.find(({ name, ratio }) => name.startsWith("first up of") && ratio > 2.2);
  return hurting
    ? `an up on the file backend hurts from here: ${hurting.name} takes ${hurting.ratio.toFixed(2)} times as long as ${hurting.of}`
    : "an up on the file backend does not grow faster than its resources at these sizes";
}

/** An `up` that changes nothing against the one that made everything. */
export async function secondUp(engine: Engine, say: Say): Promise<Comparison[]> {
  const [again, anew] = [await idle(engine, 200), await idle(engine, 200)];
  try {
    await up(again)();
    const what = { name: "second up of 200 resources", of: "the first up", goal: 0.3 };
    return [await compare(what, up(again), up(anew), say, () => down(anew))];
  } finally {
    again.remove();
    anew.remove();
  }
}

const idle = (engine: Engine, count: number): Promise<TrialProject> =>
  trialProject(engine, { program: idleResources(count), typescript: "stripped" });

const up = (trial: TrialProject) => (): Promise<string> => trial.pulumi("up", "--yes", "--skip-preview");

const down = (trial: TrialProject): Promise<string> => trial.pulumi("destroy", "--yes", "--skip-preview");
