import { stacksOf } from "../../environments/model/stack-names.ts";
import type { Topology } from "../../environments/model/topology.ts";
import { type Phase, phasesOf } from "../deploy/plan.ts";
import { type Changes, changeCount, totalChanges } from "../deploy/summary.ts";
import type { Change } from "./change.ts";
import { hostFinder } from "./places.ts";

export interface RolloutPhase {
  readonly title: string;
  readonly waitsFor: string;
  readonly stacks: readonly { readonly name: string; readonly changes: Changes; readonly hosts: readonly string[] }[];
}

/** In what order an `up` would change it. */
export function rolloutOf({ before, stacks }: Change, topology: Topology): RolloutPhase[] {
  const changed = stacks.filter(({ report }) => changeCount(report.changes) > 0);
  const phases = phasesOf({
    stacks: stacksOf(topology),
    deployed: new Set(before.stacks.map(({ name }) => name)),
    changed: new Set(changed.map(({ report }) => report.stack)),
    standby: topology.sites.filter(({ role }) => role === "standby").map(({ name }) => name),
  });
  const hostOf = hostFinder(topology, before.topology);
  return phases.map((phase) => ({
    title: phase.title,
    waitsFor: waitsFor(phase),
    stacks: phase.stacks.map((name) => {
      const stack = changed.find(({ report }) => report.stack === name);
      const hosts = stack?.steps.flatMap((step) => hostOf(step.name)?.name ?? []) ?? [];
      return { name, changes: stack?.report.changes ?? totalChanges([]), hosts: [...new Set(hosts)].sort() };
    }),
  }));
}

const waitsFor = ({ verifyBefore }: Phase): string =>
  verifyBefore.length > 0 ? `begins when all hosts of ${verifyBefore.join(", ")} are as declared` : "";
