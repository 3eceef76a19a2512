// Which stack goes when. Pure: no engine, no state, no clock.

/** A stack and what has to be there before it. */
export interface Ordered {
  readonly name: string;
  readonly after: readonly string[];
}

/** A stack and the site that it belongs to; one without a site is shared by all. */
export interface Placed extends Ordered {
  readonly site?: string;
}

/** Stacks that go together; the next phase starts when all of this one are done. */
export interface Phase {
  readonly title: string;
  readonly stacks: readonly string[];
  /** Compare the hosts of this phase's stacks with what is declared, before the next phase starts. */
  readonly verify: boolean;
}

export interface Rollout {
  /** All stacks of the platform, or those that the user chose. */
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
 * the standby site, and to the active site only after the standby was verified: never to both at once.
 */
export function phasesOf({ stacks, deployed, changed, standby }: Rollout): Phase[] {
  const run = inOrder(stacks).filter((stack) => changed.has(stack.name));
  if (run.length === 0) return [];
  const names = (chosen: readonly Placed[]): string[] => chosen.map((stack) => stack.name);
  if (!stacks.some((stack) => deployed.has(stack.name)))
    return [{ title: "first deployment", stacks: names(run), verify: false }];
  const isStandby = (site: string): boolean => standby.includes(site);
  const groups = [
    { title: "shared by the sites", stacks: run.filter((stack) => stack.site === undefined), verify: false },
    { title: "standby site", stacks: run.filter((stack) => stack.site !== undefined && isStandby(stack.site)), verify: true },
    { title: "active site", stacks: run.filter((stack) => stack.site !== undefined && !isStandby(stack.site)), verify: false },
  ];
  return groups.filter((group) => group.stacks.length > 0).map((group) => ({ ...group, stacks: names(group.stacks) }));
}

/** What one running stack takes at most: the engine, the program and its plugins (measured: about 330 MiB), with room to spare. */
export const memoryPerStackMib = 450;

/** How many stacks run at once when the user does not say: bounded by memory and by cores, of which each stack leaves half idle. */
export function defaultJobs(machine: { readonly cores: number; readonly availableMib: number }): number {
  const byMemory = Math.floor(machine.availableMib / memoryPerStackMib);
  return Math.max(1, Math.min(byMemory, machine.cores * 2));
}
