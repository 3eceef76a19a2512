import { promotionRefusal } from "../registry/promotion.ts";
import type { Approval } from "./approval.ts";
import { approvedGate, notApproved, refuseOtherSource } from "./approved-steps.ts";
import { driftExitCode, renderDrift } from "./drift/finding.ts";
import { findDrift } from "./drift/index.ts";
import { keyProblem } from "./drift/login.ts";
import { withPlatformLock } from "./exclusive.ts";
import { leftOutCounterparts, type Phase, phasesOf, withDependents } from "./plan.ts";
import { chosenStacks } from "./platform.ts";
import { endProcesses, ownProcesses } from "./processes.ts";
import { type StackProgress, stackProgress } from "./progress.ts";
import { noticeLabLosses, recover, removeLabStrays } from "./recover.ts";
import { notRun, type StackReport } from "./run-stack.ts";
import { runStacks } from "./run-stacks.ts";
import { inputsOf, isSettled, recordSettled } from "./settled.ts";
import { aheadOfStandby, standbyProblem, standbySites } from "./standby.ts";
import { Steps } from "./steps.ts";
import { changeCount } from "./summary.ts";
import { type DeployedPlatform, openPlatform } from "./surroundings.ts";
import { howToRemove, undeclaredStacks } from "./undeclared.ts";

export interface DeployOptions {
  readonly platform: string;
  /** Names; all when left out. */
  readonly stacks?: readonly string[];
  readonly jobs: number;
  readonly signal: AbortSignal;
  readonly show: Show;
  /** Asked with what would change before real machines are touched; a lab is nobody's production and not asked about. */
  readonly confirm: (previews: readonly StackReport[]) => Promise<boolean>;
  /** What was approved: nothing else is done. */
  readonly approval?: Approval;
  /** Whether a site may become the active one without images of the site that was. */
  readonly withoutImages?: boolean;
}

/** Where progress goes, and what was cleared or verified. */
export interface Show {
  readonly say: (line: string) => void;
  readonly progress: (title: string, stacks: readonly string[]) => StackProgress;
}

/** On the terminal. */
export const showOn = (stream: NodeJS.WriteStream): Show => ({
  say: (line) => void stream.write(`${line}\n`),
  progress: (title, stacks) => stackProgress(title, stacks, stream),
});

export interface DeployResult {
  readonly outcome: "changed" | "unchanged" | "failed" | "declined";
  /** Each stack that was chosen, in deployment order. */
  readonly reports: readonly StackReport[];
  /** Why it failed, where no stack says so itself. */
  readonly reason: string;
}

/** After an interruption: how long the engines have to end what they are doing and write it down. */
const patienceSeconds = 60;

/** Brings stacks to what is declared, in their order. A second run at the same time is refused. */
export async function deploy(options: DeployOptions): Promise<DeployResult> {
  const { say } = options.show;
  const platform = await openPlatform(options.platform, say, options.signal);
  const chosen = chosenStacks(platform, options.stacks ?? []).map((stack) => stack.name);
  if (options.approval) refuseOtherSource(options.approval, platform);
  const { backend } = platform.project;
  const bound = (): void => void endProcesses(() => ownProcesses(backend), patienceSeconds);
  options.signal.addEventListener("abort", bound, { once: true });
  try {
    return await withPlatformLock(platform, "up", () => deployLocked(platform, chosen, options));
  } finally {
    options.signal.removeEventListener("abort", bound);
  }
}

async function deployLocked(
  platform: DeployedPlatform,
  chosen: readonly string[],
  options: DeployOptions,
): Promise<DeployResult> {
  const { project } = platform;
  const { say } = options.show;
  const names = platform.stacks.map(({ name }) => name);
  const sizes = await recover(project, names, say);
  const deployed = new Set(names.filter((name) => (sizes.get(name) ?? 0) > 0));
  const undeclared = undeclaredStacks(platform, sizes);
  if (undeclared.length > 0) say(`warning: ${howToRemove(platform.name, undeclared)}`);
  await removeLabStrays(platform, [...sizes.keys()], say);
  await noticeLabLosses(
    platform,
    chosen.filter((name) => deployed.has(name)),
    say,
  );
  const inputs = inputsOf(platform);
  if (isSettled(platform, inputs)) {
    say("nothing that the stacks read has changed since the last up");
    await lookAtHosts(platform, chosen, options);
    return { outcome: "unchanged", reports: chosen.map((name) => notRun(name, "unchanged")), reason: "" };
  }
  const changed = await changedStacks(platform, chosen, deployed, options);
  if (!(changed instanceof Set)) return changed;
  const phases = phasesOf({ stacks: platform.stacks, deployed, changed, standby: standbySites(platform) });
  const reports = new Map(chosen.map((name) => [name, notRun(name, "unchanged")]));
  for (const [index, phase] of phases.entries()) {
    const reason =
      (await standbyProblem(platform, phase.verifyBefore, options)) ?? (await runPhase(platform, phase, reports, options));
    if (reason !== undefined) {
      for (const later of phases.slice(index))
        for (const name of later.stacks)
          if (reports.get(name)?.because === "unchanged") reports.set(name, notRun(name, `${phase.title}: ${reason}`));
      return { outcome: "failed", reports: [...reports.values()], reason };
    }
  }
  if (chosen.length === names.length) recordSettled(platform, inputs);
  const all = [...reports.values()];
  if (all.some((report) => changeCount(report.changes) > 0)) return { outcome: "changed", reports: all, reason: "" };
  await lookAtHosts(platform, chosen, options);
  return { outcome: "unchanged", reports: all, reason: "" };
}

/** Where nothing is to be changed, no stack's program looks at its hosts: what a hand changed there would go unseen. */
async function lookAtHosts(
  platform: DeployedPlatform,
  stacks: readonly string[],
  { signal, show }: DeployOptions,
): Promise<void> {
  const noKey = platform.topology.machines === "ssh" ? keyProblem(process.env) : undefined;
  if (noKey !== undefined) return show.say(`warning: hosts were not looked at: ${noKey}`);
  const findings = await findDrift(platform, { stacks, strays: false, signal, report: () => {} });
  if (driftExitCode(findings) === 0) return show.say(`hosts: ${findings.length} files, rules and containers are as declared`);
  show.say(`warning: hosts are not as declared; npm run drift -- --platform ${platform.name} --repair\n${renderDrift(findings)}`);
}

/** The stacks that this run has to go through: new ones, changed ones, and all that read from them. */
async function changedStacks(
  platform: DeployedPlatform,
  chosen: readonly string[],
  deployed: ReadonlySet<string>,
  options: DeployOptions,
): Promise<Set<string> | DeployResult> {
  const asks = platform.topology.machines === "ssh";
  const known = asks ? chosen : chosen.filter((name) => deployed.has(name));
  const title = `what changes in ${platform.name}, ${options.jobs} at once`;
  const stacks = platform.stacks.filter(({ name }) => known.includes(name));
  const steps = new Map(known.map((name) => [name, new Steps()]));
  const previews =
    known.length === 0
      ? []
      : await runStacks(platform.project, stacks, {
          kind: "preview",
          jobs: options.jobs,
          signal: options.signal,
          progress: options.show.progress(title, known),
          onEvent: (stack, event) => steps.get(stack)?.add(event),
        });
  const changing = previews
    .filter((report) => report.result === "done" && changeCount(report.changes) > 0)
    .map((report) => report.stack);
  const own = new Set([...changing, ...chosen.filter((name) => !deployed.has(name))]);
  const all = withDependents(own, platform.stacks);
  const changed = new Set(chosen.filter((name) => all.has(name)));
  const stopped = (outcome: "failed" | "declined", reason: string): DeployResult => ({
    outcome,
    reports: previews.map((report) => (report.result === "done" ? { ...report, result: "previewed" } : report)),
    reason,
  });
  // What waits for a stack that changes may lack a value until that one is deployed: its own up is what judges it.
  if (options.signal.aborted || previews.some((report) => report.result !== "done" && !all.has(report.stack)))
    return stopped(
      "failed",
      options.signal.aborted ? "interrupted; nothing was changed" : "a preview failed; nothing was changed",
    );
  const planned = stacks.map(({ name, after }) => ({
    ...{ stack: name, steps: steps.get(name)?.all ?? [], waits: after.some((each) => all.has(each)) },
  }));
  const strange = options.approval && notApproved(options.approval, planned);
  if (strange !== undefined) return stopped("failed", `not what was approved; nothing was changed:\n${strange}`);
  const rollout = { stacks: platform.stacks, deployed, changed, standby: standbySites(platform) };
  const ahead = await aheadOfStandby(platform, leftOutCounterparts(rollout, chosen), deployed, options);
  if (ahead !== undefined) return stopped("failed", ahead);
  const refusal = changed.size > 0 ? await promotionRefusal(platform, deployed) : undefined;
  if (refusal && !options.withoutImages) return stopped("failed", `${refusal.problem}\n${refusal.remedy}`);
  if (refusal) options.show.say(`warning: ${refusal.problem}`);
  const noKey = changed.size > 0 && asks ? keyProblem(process.env) : undefined;
  if (noKey !== undefined) return stopped("failed", `${noKey}. Nothing was changed`);
  if (changed.size > 0 && asks && !(await options.confirm(previews))) return stopped("declined", "declined; nothing was changed");
  return changed;
}

/** Runs a phase; returns why the rollout has to stop, if it has to. */
async function runPhase(
  platform: DeployedPlatform,
  phase: Phase,
  reports: Map<string, StackReport>,
  options: DeployOptions,
): Promise<string | undefined> {
  const stacks = platform.stacks.filter(({ name }) => phase.stacks.includes(name));
  const run = await runStacks(platform.project, stacks, {
    kind: "up",
    jobs: options.jobs,
    signal: options.signal,
    progress: options.show.progress(`${phase.title}, ${options.jobs} at once`, phase.stacks),
    ...(options.approval && { mayRun: approvedGate(options.approval, platform, options.signal) }),
  });
  for (const report of run) reports.set(report.stack, report);
  const failed = run.find((report) => report.result === "failed");
  if (failed) return `${failed.stack} failed`;
  return options.signal.aborted ? "interrupted" : undefined;
}
