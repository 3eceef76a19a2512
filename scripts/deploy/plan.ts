// Which stack goes when. Pure: no engine, no state, no clock.

/** A stack and what has to be there before it. */
export interface Ordered {
  readonly name: string;
  readonly after: readonly string[];
}

/** A stack and the site that it belongs to; one without a site is shared by all. */
export interface Placed extends Ordered {
  readonly site?: string;
  /** What it holds, and of which zone: the same at the other site makes its counterpart. */
  readonly kind?: string;
  readonly zone?: string;
}

/** Stacks that go together; the next phase starts when all of this one are done. */
export interface Phase {
  readonly title: string;
  readonly stacks: readonly string[];
  /** Stacks whose hosts are compared with what is declared before this phase starts, whenever they were deployed. */
  readonly verifyBefore: readonly string[];
}

export interface Rollout {
  /** All stacks of the platform. */
  readonly stacks: readonly Placed[];
  /** Stacks that were deployed before. */
  readonly deployed: ReadonlySet<string>;
  /** Stacks that this run would change. */
  readonly changed: ReadonlySet<string>;
  /** Names of the sites by role. */
  readonly standby: readonly string[];
}

/** The stacks, each behind those that it waits for; otherwise in the given order. */
export function inOrder<S extends Ordered>(stacks: readonly S[]): S[] {
  const waiting = new Map(stacks.map((stack) => [stack.name, stack]));
  const ordered: S[] = [];
  while (waiting.size > 0) {
    const next = [...waiting.values()].find((stack) => stack.after.every((name) => !waiting.has(name)));
    if (!next) throw new Error(`stacks wait for one another in a circle: ${[...waiting.keys()].join(", ")}`);
    waiting.delete(next.name);
    ordered.push(next);
  }
  return ordered;
}

/** The given stacks and all that read from them, directly or not. */
export function withDependents(names: ReadonlySet<string>, stacks: readonly Ordered[]): Set<string> {
  const all = new Set(names);
  for (const stack of inOrder(stacks)) if (stack.after.some((name) => all.has(name))) all.add(stack.name);
  return all;
}

/**
 * The order of a rollout. A first deployment goes in parallel as far as the stacks allow. A change goes to what both sites share, then to
 * the standby site, and to the active site only after all that is deployed at the standby was verified: never to both at once.
 */
export function phasesOf({ stacks, deployed, changed, standby }: Rollout): Phase[] {
  const run = inOrder(stacks).filter((stack) => changed.has(stack.name));
  if (run.length === 0) return [];
  const names = (chosen: readonly Placed[]): string[] => chosen.map((stack) => stack.name);
  if (!stacks.some((stack) => deployed.has(stack.name)))
    return [{ title: "first deployment", stacks: names(run), verifyBefore: [] }];
  const atStandby = inOrder(stacks).filter((stack) => isStandby(stack, standby));
  const there = names(atStandby.filter(({ name }) => deployed.has(name) || changed.has(name)));
  const groups = [
    { title: "shared by the sites", stacks: run.filter((stack) => stack.site === undefined), verifyBefore: [] },
    { title: "standby site", stacks: run.filter((stack) => isStandby(stack, standby)), verifyBefore: [] },
    { title: "active site", stacks: run.filter((stack) => isActive(stack, standby)), verifyBefore: there },
  ];
  return groups.filter((group) => group.stacks.length > 0).map((group) => ({ ...group, stacks: names(group.stacks) }));
}

const isStandby = ({ site }: Placed, standby: readonly string[]): boolean => site !== undefined && standby.includes(site);
const isActive = ({ site }: Placed, standby: readonly string[]): boolean => site !== undefined && !standby.includes(site);

/** Standby stacks that hold the same as active stacks of this run and that the user did not choose, where the standby site is deployed. */
export function leftOutCounterparts({ stacks, deployed, changed, standby }: Rollout, chosen: readonly string[]): string[] {
  const atStandby = stacks.filter((stack) => isStandby(stack, standby));
  if (!atStandby.some(({ name }) => deployed.has(name))) return [];
  const active = stacks.filter((stack) => isActive(stack, standby) && changed.has(stack.name));
  return atStandby
    .filter(({ kind, zone }) => active.some((stack) => stack.kind === kind && stack.zone === zone))
    .map(({ name }) => name)
    .filter((name) => !chosen.includes(name));
}

/** What one running stack takes at most: the engine, the program and its plugins (measured: about 330 MiB), with room to spare. */
export const memoryPerStackMib = 450;

/** How many stacks run at once when the user does not say: bounded by memory and by cores, of which each stack leaves half idle. */
export function defaultJobs(machine: { readonly cores: number; readonly availableMib: number }): number {
  const byMemory = Math.floor(machine.availableMib / memoryPerStackMib);
  return Math.max(1, Math.min(byMemory, machine.cores * 2));
}
