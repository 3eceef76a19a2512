import { readFileSync } from "node:fs";
import { join } from "node:path";
import { EnvironmentError } from "../../environments/model/errors.ts";
import type { StackPlan } from "../../environments/model/stack-names.ts";
import { privateDirectory } from "../console/directories.ts";
import { UserError } from "../console/errors.ts";
import { withDependents } from "../deploy/plan.ts";
import { programFiles } from "../deploy/program-files.ts";
import type { StackReport } from "../deploy/run-stack.ts";
import type { Step } from "../deploy/steps.ts";
import { changeCount } from "../deploy/summary.ts";
import { type Lab, requireLab } from "../lab/instance.ts";
import { type Engine, ensureEngine } from "../toolchain/engine.ts";
import { endPolicies } from "../toolchain/policy-pack.ts";
import { baseState } from "./base-state.ts";
import { previewsFromBase, previewsFromState } from "./previews.ts";
import { copySource, type Source, worktree } from "./sources.ts";

export interface ReviewOptions {
  readonly platform: string;
  /** What the stacks are taken for: what they would be at the base, or what the platform's own state says. */
  readonly from: "base" | "state";
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
  /** Stacks that read from others which change, and were previewed with the values of before. */
  readonly waiting: readonly string[];
  /** Files of the program, and beside the environment file, that differ. */
  readonly files: readonly string[];
}

/** A base that heads are compared with. */
export interface Base {
  readonly source: Source;
  readonly engine: Engine;
  /** The state of its stacks; undefined where the platform's own is meant. */
  readonly state: string | undefined;
  /** The lab that is meant. */
  readonly lab: Lab | undefined;
}

/** Makes what the stacks are at the base: those that are looked at, and those that these read from. */
export async function prepareBase(options: ReviewOptions, directory: string): Promise<Base> {
  const { platform, base, from, head, jobs, signal, stream } = options;
  if (from === "state" && head !== worktree)
    throw new UserError(`--head ${head}: with --from state it is what an up from here would do; allowed is ${worktree}`);
  const lab = platform === "lab" ? requireLab() : undefined;
  const made = await ensureEngine({ signal }, (text) => void stream.write(`${text}\n`));
  const engine = { ...made, env: { ...made.env, ...(lab && { TANDEM_LAB: lab.directory }) } };
  const wanted = { ref: base, platform, isPast: true, ...(lab && { slot: lab.slot }) };
  const source = await copySource(wanted, join(directory, "base"));
  if (from === "state") return { source: { ...source, ref: `${base}, as deployed` }, engine, lab, state: undefined };
  const state = privateDirectory(directory, "base-state");
  await baseState({ ...source, stacks: withUpstream(options.stacks, source.stacks) }, engine, lab, state, {
    jobs,
    signal,
    stream,
  });
  return { source, engine, lab, state };
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
    const slot = base.lab && { slot: base.lab.slot };
    after = await copySource({ ref: head, platform, isPast: false, ...slot, ...(edit && { edit }) }, root);
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error;
    return { before, after: { ref: head, refused: error.message }, stacks: [], leftOut: [], waiting: [], files: [] };
  }
  const chosen = chosenOf(after, options.stacks);
  const files = differingFiles(before.root, root).filter((file) => file !== join("environments", `${platform}.yaml`));
  const { state } = base;
  const stacks =
    state === undefined
      ? await previewsFromState(chosen, options)
      : await previewsFromBase({ ...base, state }, after, chosen, files, options, directory).finally(() => endPolicies(root));
  return {
    before,
    after,
    stacks,
    waiting: state === undefined ? waitingOf(stacks, chosen, after.stacks) : [],
    leftOut: after.stacks.filter((stack) => !chosen.includes(stack)).map(({ name }) => name),
    files,
  };
}

/** Of the chosen stacks those that read from one that changes. */
function waitingOf(stacks: readonly ReviewedStack[], chosen: readonly StackPlan[], all: readonly StackPlan[]): string[] {
  const changing = stacks.filter(({ report }) => changeCount(report.changes) > 0).map(({ report }) => report.stack);
  const affected = withDependents(new Set(changing), all);
  return chosen.filter(({ after }) => after.some((name) => affected.has(name))).map(({ name }) => name);
}

function chosenOf({ ref, stacks }: Source, names: readonly string[]): StackPlan[] {
  const unknown = names.filter((name) => !stacks.some((stack) => stack.name === name));
  if (unknown.length > 0)
    throw new UserError(`--stack ${unknown.join(", ")}: ${ref} has ${stacks.map(({ name }) => name).join(", ")}`);
  return stacks.filter(({ name }) => names.length === 0 || names.includes(name));
}

function differingFiles(before: string, after: string): string[] {
  const textsOf = (root: string): Map<string, string> =>
    new Map(programFiles(root).map((file) => [file, readFileSync(join(root, file), "utf8")]));
  const [old, current] = [textsOf(before), textsOf(after)];
  return [...new Set([...old.keys(), ...current.keys()])].filter((file) => old.get(file) !== current.get(file)).sort();
}
