import * as pulumi from "@pulumi/pulumi";

/**
 * The order of members that must change one at a time. Give the result as `dependsOn` of the next member: it waits for the previous one,
 * and in every `up` (not only when something is created) asks whether the others are healthy before the next one is touched.
 *
 * A plain `dependsOn` chain is an order but no gate, and a check that is a resource does not run again after an interrupted `up`.
 */
export function afterHealthy(
  previous: pulumi.CustomResource,
  peersHealthy: () => Promise<void>,
): pulumi.Input<pulumi.Input<pulumi.Resource>[]> {
  return previous.id.apply(async () => {
    if (!pulumi.runtime.isDryRun()) await peersHealthy();
    return [previous];
  });
}

/**
 * Declares the members of a quorum in order, each behind the gate of the one before it.
 *
 * @param declare makes one member's resource with the given `dependsOn`
 * @param peersHealthy resolves when all members but the given one are healthy; rejects with who is not and why. It must be bounded in time.
 */
export function inTurn<Member, R extends pulumi.CustomResource>(
  members: readonly Member[],
  declare: (member: Member, dependsOn: pulumi.Input<pulumi.Input<pulumi.Resource>[]>) => R,
  peersHealthy: (exceptSelf: Member) => Promise<void>,
): R[] {
  const declared: R[] = [];
  for (const member of members) {
    const previous = declared.at(-1);
    declared.push(declare(member, previous ? afterHealthy(previous, () => peersHealthy(member)) : []));
  }
  return declared;
}
