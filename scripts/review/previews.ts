import { cpSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { certificatesOf, passwordsOf } from "../../environments/model/certificates.ts";
import type { StackKind, StackPlan } from "../../environments/model/stack-names.ts";
import { privateDirectory } from "../console/directories.ts";
import { type StackProgress, stackProgress } from "../deploy/progress.ts";
import type { StackReport } from "../deploy/run-stack.ts";
import { runStacks } from "../deploy/run-stacks.ts";
import { Steps } from "../deploy/steps.ts";
import { changeCount } from "../deploy/summary.ts";
import { openPlatform } from "../deploy/surroundings.ts";
import type { Base, ReviewedStack, ReviewOptions } from "./change.ts";
import { asking, madeUpProject, making, sealedEngine, sealedProject } from "./engine.ts";
import type { Source } from "./sources.ts";

/**
 * Previews the stacks, those whose values others read before these. What one of them would give after the change is made up, as the base was: the others would
 * be previewed with values of before, or be refused for the lack of new ones.
 */
export async function previewsFromBase(
  base: Base & { readonly state: string },
  after: Source,
  chosen: readonly StackPlan[],
  files: readonly string[],
  { head, jobs, signal, stream }: ReviewOptions,
  directory: string,
): Promise<ReviewedStack[]> {
  const state = privateDirectory(directory, "state");
  cpSync(base.state, state, { recursive: true });
  const project = await sealedProject(
    sealedEngine(base.engine, asking, privateDirectory(directory, "asking"), state),
    after.root,
    join(directory, "project"),
    false,
  );
  const made = await madeUpProject(
    sealedEngine(base.engine, making, privateDirectory(directory, "making"), state),
    after.root,
    join(directory, "made-up"),
    false,
  );
  const from = `from ${base.source.ref} to ${head}`;
  const progress = (title: string, some: readonly StackPlan[]): StackProgress =>
    stackProgress(
      title,
      some.map(({ name }) => name),
      stream,
    );
  const steps = new Map(chosen.map(({ name }) => [name, new Steps()]));
  const wanted = after.stacks.filter(
    (stack) => chosen.includes(stack) || (stack.kind === "trust" && mayIssue(base.source, after, files)),
  );
  const reports: StackReport[] = [];
  const isOf = (...kinds: readonly StackKind[]): StackPlan[] => wanted.filter(({ kind }) => kinds.includes(kind));
  // Others read values of the first two.
  const groups = [isOf("machines", "trust"), isOf("core"), isOf("zone", "services")].filter((group) => group.length > 0);
  for (const group of groups) {
    if (signal.aborted) break;
    const previewed = await runStacks(project, group, {
      ...{ kind: "preview", jobs, signal, diff: true, progress: progress(from, group) },
      onEvent: (stack, event) => steps.get(stack)?.add(event),
    });
    reports.push(...previewed.filter(({ stack }) => steps.has(stack)));
    const changed = group.filter(({ name }) =>
      previewed.some(({ stack, result, changes }) => stack === name && result === "done" && changeCount(changes) > 0),
    );
    if (group === groups.at(-1) || changed.length === 0 || signal.aborted) continue;
    await runStacks(made, changed, { kind: "up", jobs, signal, progress: progress(`what others read, ${from}`, changed) });
  }
  return reviewed(chosen, reports, steps);
}

/** Previews the stacks against the platform's own state, as an `up` from here would. */
export async function previewsFromState(
  chosen: readonly StackPlan[],
  { platform, jobs, signal, stream }: ReviewOptions,
): Promise<ReviewedStack[]> {
  const { project } = await openPlatform(platform, (text) => void stream.write(`${text}\n`), signal);
  const names = chosen.map(({ name }) => name);
  const steps = new Map(names.map((name) => [name, new Steps()]));
  const reports = await runStacks(project, chosen, {
    ...{ kind: "preview", jobs, signal, diff: true, progress: stackProgress("from what is deployed", names, stream) },
    onEvent: (stack, event) => steps.get(stack)?.add(event),
  });
  return reviewed(chosen, reports, steps);
}

const reviewed = (
  chosen: readonly StackPlan[],
  reports: readonly StackReport[],
  steps: ReadonlyMap<string, Steps>,
): ReviewedStack[] =>
  chosen.flatMap(({ name }) => {
    const report = reports.find(({ stack }) => stack === name);
    return report ? [{ report, steps: steps.get(name)?.all ?? [] }] : [];
  });

/** Whether the trust stack could have something else for others than before. */
const mayIssue = (before: Source, after: Source, files: readonly string[]): boolean =>
  files.length > 0 || !isDeepStrictEqual(issuedIn(before), issuedIn(after));

const issuedIn = ({ topology }: Source): unknown => [topology.trust, certificatesOf(topology), passwordsOf(topology)];
