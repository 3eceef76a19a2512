import { join } from "node:path";
import { checkout } from "../console/directories.ts";
import { withTemporaryDirectory } from "../console/temporary-directory.ts";
import type { Ordered } from "../deploy/plan.ts";
import { readPlatform } from "../deploy/platform.ts";
import { stackProgress } from "../deploy/progress.ts";
import { runStacks } from "../deploy/run-stacks.ts";
import { type Project, withEmptyBackend } from "../deploy/workspace.ts";
import { policyPackFile } from "../toolchain/policy-pack.ts";
import { type Comparison, compare } from "./measure.ts";
import { idleResources, platformPackages, type RawResource, rawResources } from "./programs.ts";
import { type Bench, type TrialProject, trialProject } from "./trial-project.ts";

const measuredStack = "reference-dc1-platform";

interface Step {
  readonly newState: {
    readonly type: string;
    readonly urn: string;
    readonly inputs: Record<string, unknown>;
    readonly provider?: string;
  };
}

/** What a person would write of a resource. No host is meant: a secret's inside isn't shown, and an engine has an address that leads nowhere. */
const writtenOut = ({ type, urn, inputs, provider }: Step["newState"]): RawResource => ({
  type,
  name: nameIn(urn),
  inputs: {
    ...inputs,
    ...(type === "command:remote:Command" && { connection: { host: "192.0.2.1", user: "bench" } }),
    ...(type === "pulumi:providers:docker" && {
      host: "ssh://bench@192.0.2.1:22",
      sshOpts: JSON.parse(String(inputs["sshOpts"])),
    }),
  },
  // The provider's identifier is the last part of its reference.
  ...(provider?.includes("pulumi:providers:docker") && { provider: nameIn(provider.slice(0, provider.lastIndexOf("::"))) }),
});

const nameIn = (urn: string): string => urn.split("::").at(-1) ?? "";

/** Our components against the same resources written out by hand. */
export function previewCost(bench: Bench): Promise<Comparison[]> {
  const { engine, signal, say } = bench;
  return withEmptyBackend({ engineEnv: engine.env }, (project) =>
    withTemporaryDirectory(async (directory) => {
      await project.openOrCreate(measuredStack);
      const ours = (): Promise<string> => project.cli(["preview", "--stack", measuredStack, "--json"], signal);
      const { steps } = JSON.parse(await ours()) as { steps: Step[] };
      const resources = steps.map(({ newState }) => newState).filter(({ type }) => !/^(pulumi:pulumi|tandem):/.test(type));
      const byHand = await trialProject(join(directory, "by-hand"), bench, {
        program: rawResources,
        typescript: "stripped",
        files: { "resources.json": JSON.stringify(resources.map(writtenOut)) },
      });
      const what = { name: `preview of ${measuredStack}`, of: "the same resources written by hand", goal: 1.15 };
      return [await compare(what, ours, () => byHand.pulumi("preview", "--json"), say)];
    }),
  );
}

/** Previews that are judged against previews that aren't: of a platform by our own command, which starts the pack once, and of a stack by plain Pulumi. */
export function policyCost({ engine, signal, say }: Bench): Promise<Comparison[]> {
  return withEmptyBackend({ engineEnv: engine.env }, async (project) => {
    const { stacks } = readPlatform("reference");
    const names = stacks.map(({ name }) => name);
    const all = (some: Project) => async (): Promise<void> => {
      await runStacks(some, stacks, {
        kind: "preview",
        jobs: 2,
        signal,
        progress: stackProgress("previews", names, process.stderr),
      });
      signal.throwIfAborted();
    };
    const one =
      (...more: string[]) =>
      (): Promise<string> =>
        project.cli(["preview", "--stack", measuredStack, ...more], signal);
    const of = "the same without";
    const unjudged = { ...project, policyPacks: async () => [] };
    return [
      await compare({ name: "previews of reference with policies", of, goal: 1.25 }, all(project), all(unjudged), say),
      await compare(
        { name: `preview of ${measuredStack} with policies, plain`, of, goal: 1.25 },
        one("--policy-pack", join(checkout, policyPackFile)),
        one(),
        say,
      ),
    ];
  });
}

/** Our runtime options against the default ones, for a program that was just edited and for one that was not. */
export function startCost(bench: Bench): Promise<Comparison[]> {
  return withTemporaryDirectory(async (directory) => {
    const ours = await trialProject(join(directory, "ours"), bench, { program: platformPackages, typescript: "stripped" });
    const byDefault = await trialProject(join(directory, "default"), bench, { program: platformPackages, typescript: "default" });
    const edited = (trial: TrialProject) => (): Promise<string> => {
      trial.edit();
      return trial.pulumi("preview");
    };
    const again = (trial: TrialProject) => (): Promise<string> => trial.pulumi("preview");
    const of = "Pulumi's default TypeScript path";
    return [
      await compare({ name: "preview of an edited program", of, goal: 0.5 }, edited(ours), edited(byDefault), bench.say),
      await compare({ name: "preview of a program as it was", of }, again(ours), again(byDefault), bench.say),
    ];
  });
}

/** All previews of the reference at once, against the sum of what each takes alone, and against one after another in one run. */
export async function parallelPreviews({ engine, signal, say }: Bench, jobs: number): Promise<Comparison[]> {
  const { stacks } = readPlatform("reference");
  const run = (some: readonly Ordered[], at: number): Promise<void> =>
    withEmptyBackend({ engineEnv: engine.env }, async (project) => {
      const names = some.map(({ name }) => name);
      await runStacks(project, some, {
        kind: "preview",
        jobs: at,
        signal,
        progress: stackProgress("previews", names, process.stderr),
      });
      signal.throwIfAborted();
    });
  const atOnce = (): Promise<void> => run(stacks, jobs);
  const eachAlone = async (): Promise<void> => {
    for (const stack of stacks) await run([stack], 1);
  };
  const name = `previews of reference, ${jobs} at once`;
  return [
    await compare({ name, of: "the sum of each alone", goal: 0.65 }, atOnce, eachAlone, say),
    await compare({ name, of: "one after another in one run" }, atOnce, () => run(stacks, 1), say),
  ];
}

/** Twice the resources against once: a preview must grow with them and no faster; an `up` on the file backend grows faster, and hurts from some size. */
export function growth(bench: Bench): Promise<Comparison[]> {
  return withTemporaryDirectory(async (directory) => {
    const comparisons: Comparison[] = [];
    for (const count of [100, 200, 400]) {
      const single = await idle(join(directory, `${count}-single`), bench, count);
      const double = await idle(join(directory, `${count}-double`), bench, 2 * count);
      const preview = (trial: TrialProject) => () => trial.pulumi("preview");
      const what = { name: `preview of ${2 * count} resources`, of: `${count} resources`, goal: 2.2 };
      comparisons.push(await compare(what, preview(double), preview(single), bench.say));
      const ups = { name: `first up of ${2 * count} resources`, of: `${count} resources, on the file backend` };
      comparisons.push(await compare(ups, up(double), up(single), bench.say, () => Promise.all([down(double), down(single)])));
    }
    return comparisons;
  });
}

/** The stack size from which an `up` on the file backend more than doubles with its resources. */
export function whereUpsHurt(comparisons: readonly Comparison[]): string {
  const hurting = comparisons.find(({ name, ratio }) => name.startsWith("first up of") && ratio > 2.2);
  return hurting
    ? `an up on the file backend hurts from here: ${hurting.name} takes ${hurting.ratio.toFixed(2)} times as long as ${hurting.of}`
    : "an up on the file backend does not grow faster than its resources at these sizes";
}

const idle = (directory: string, bench: Bench, count: number): Promise<TrialProject> =>
  trialProject(directory, bench, { program: idleResources(count), typescript: "stripped" });

const up = (trial: TrialProject) => (): Promise<string> => trial.pulumi("up", "--yes", "--skip-preview");

const down = (trial: TrialProject): Promise<string> => trial.pulumi("destroy", "--yes", "--skip-preview");
