import * as pulumi from "@pulumi/pulumi";

/**
 * Declares members that must change one at a time, in order: each waits for the one before it, and in every `up` (not only when something is
 * created) the others are asked whether they are healthy before it is touched.
 *
 * A plain `dependsOn` chain is an order but no gate, and a check that is a resource does not run again after an interrupted `up`.
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
    const previous = declared.slice(-1);
    const gate = pulumi.all(previous.map(({ id }) => id)).apply(async () => {
      if (!pulumi.runtime.isDryRun()) await peersHealthy(member);
      return previous;
    });
    declared.push(declare(member, gate));
  }
  return declared;
}
