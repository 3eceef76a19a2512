import { imageNames } from "../environments/model/schema/services.ts";
import type { Topology } from "../environments/model/topology.ts";
import { upgradeProblem, upgradeRule } from "../environments/model/upgrades.ts";

/** Images by their names in the environment file. */
export type Images = Readonly<Partial<Record<string, string>>>;

/** Images that can't follow those which a stack was last deployed with; one with a live exception can. */
export function upgradeProblems(recorded: Images, { images, flavors, exceptions, platform }: Topology, today: string): string[] {
  return imageNames.flatMap((name) => {
    const [from, to] = [recorded[name], images[name]];
    const problem = from !== undefined && to !== undefined && upgradeProblem(name, from, to, flavors);
    const isExcused = exceptions.some(
      ({ rule, resource, expires }) => rule === upgradeRule && resource === name && expires >= today,
    );
    if (!problem || isExcused) return [];
    const { what, given, allowed, fix } = problem;
    return [
      `environments/${platform}.yaml: images.${name}: ${what}; given ${given}; allowed ${allowed}; fix: ${fix}; or have it excused: exceptions, rule ${upgradeRule}, resource ${name}`,
    ];
  });
}
