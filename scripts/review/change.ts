import { cpSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { certificatesOf, passwordsOf } from "../../environments/model/certificates.ts";
import { EnvironmentError } from "../../environments/model/errors.ts";
import type { StackKind, StackPlan } from "../../environments/model/stack-names.ts";
import { privateDirectory } from "../console/directories.ts";
import { UserError } from "../console/errors.ts";
import { type StackProgress, stackProgress } from "../deploy/progress.ts";
import type { StackReport } from "../deploy/run-stack.ts";
import { runStacks } from "../deploy/run-stacks.ts";
import { changeCount } from "../deploy/summary.ts";
import { type Engine, ensureEngine } from "../toolchain/engine.ts";
import { baseState } from "./base-state.ts";
import { asking, madeUpProject, making, sealedEngine, sealedProject } from "./engine.ts";
import { programFiles } from "./program-files.ts";
import { copySource, type Source } from "./sources.ts";
import { type Step, Steps } from "./steps.ts";

export interface ReviewOptions {
  readonly platform: string;
  readonly base: string;
  readonly head: string;
  /** Names; empty for all. */
  readonly stacks: readonly string[];
  readonly jobs: number;
  readonly signal: AbortSignal;
  readonly stream: NodeJS.WriteStream;
  /** Changes the head's copy. */
  readonly edit?: (root: string) => void;
}

export interface ReviewedStack {
  readonly report: StackReport;
  readonly steps: readonly Step[];
}

/** What a change does to a platform. */
export interface Change {
  readonly before: Source;
  /** With the problems of its environment file where that is refused. */
  readonly after: Source | { readonly ref: string; readonly refused: string };
  readonly stacks: readonly ReviewedStack[];
  /** Stacks of the platform that were not looked at. */
  readonly leftOut: readonly string[];
  /** Files of the program, and beside the environment file, that differ. */
  readonly files: readonly string[];
}

/** A base that heads are compared with. */
export interface Base {
  readonly source: Source;
  readonly engine: Engine;
  /** The state of its stacks. */
  readonly state: string;
}

/** Makes what the stacks are at the base: those that are looked at, and those that these read from. */
export async function prepareBase(options: ReviewOptions, directory: string): Promise<Base> {
  const { platform, base, jobs, signal, stream } = options;
  const engine = await ensureEngine({ signal }, (text) => void stream.write(`${text}\n`));
  const source = await copySource({ ref: base, platform, isPast: true }, join(directory, "base"));
  const state = privateDirectory(directory, "base-state");
  await baseState({ ...source, stacks: withUpstream(options.stacks, source.stacks) }, engine, state, { jobs, signal, stream });
  return { source, engine, state };
}

/** The named stacks and all that they wait for, in their order; all where none is named. */
export function withUpstream(names: readonly string[], stacks: readonly StackPlan[]): StackPlan[] {
  const wanted = new Set(names);
  for (const { name, after } of stacks.toReversed()) if (wanted.has(name)) for (const each of after) wanted.add(each);
  return stacks.filter(({ name }) => names.length === 0 || wanted.has(name));
}

/** Has the engine say what a head does to the stacks of a base. No host is reached. */
export async function changeFrom(base: Base, options: ReviewOptions, directory: string): Promise<Change> {
  const { platform, head, edit } = options;
  const before = base.source;
  const root = join(directory, "head");
  let after: Source;
  try {
    after = await copySource({ ref: head, platform, isPast: false, ...(edit && { edit }) }, root);
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error;
    return { before, after: { ref: head, refused: error.message }, stacks: [], leftOut: [], files: [] };
  }
  const chosen = chosenOf(after, options.stacks);
  const files = differingFiles(before.root, root).filter((file) => file !== join("environments", `${platform}.yaml`));
  const stacks = await previews(base, after, chosen, files, options, directory);
  return {
    before,
    after,
    stacks,
    leftOut: after.stacks.filter((stack) => !chosen.includes(stack)).map(({ name }) => name),
    files,
  };
}

function chosenOf({ ref, stacks }: Source, names: readonly string[]): StackPlan[] {
  const unknown = names.filter((name) => !stacks.some((stack) => stack.name === name));
  if (unknown.length > 0)
    throw new UserError(`--stack ${unknown.join(", ")}: ${ref} has ${stacks.map(({ name }) => name).join(", ")}`);
  return stacks.filter(({ name }) => names.length === 0 || names.includes(name));
}

/**
 * Previews the stacks, those whose values others read before these. What one of them would give after the change is made up, as the base was: the others would
 * be previewed with values of before, or be refused for the lack of new ones.
 */
async function previews(
  base: Base,
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
  return chosen.flatMap(({ name }) => {
    const report = reports.find(({ stack }) => stack === name);
    return report ? [{ report, steps: steps.get(name)?.all ?? [] }] : [];
  });
}

/** Whether the trust stack could have something else for others than before. */
const mayIssue = (before: Source, after: Source, files: readonly string[]): boolean =>
  files.length > 0 || !isDeepStrictEqual(issuedIn(before), issuedIn(after));

const issuedIn = ({ topology }: Source): unknown => [topology.trust, certificatesOf(topology), passwordsOf(topology)];

function differingFiles(before: string, after: string): string[] {
  const textsOf = (root: string): Map<string, string> =>
    new Map(programFiles(root).map((file) => [file, readFileSync(join(root, file), "utf8")]));
  const [old, current] = [textsOf(before), textsOf(after)];
  return [...new Set([...old.keys(), ...current.keys()])].filter((file) => old.get(file) !== current.get(file)).sort();
}
