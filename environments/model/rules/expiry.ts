import type { Problem } from "../errors.ts";
import type { Environment } from "../schema.ts";

/**
 * Exceptions whose last day is over on a given day (as in 2027-06-30). Not among the rules that every command applies: a switch to the
 * other site in an emergency must not be refused because a day has passed. `npm run env -- check` refuses it, and so a pull request does; every
 * preview and `up` warns.
 */
export function expiredExceptionProblems(environment: Environment, today: string): Problem[] {
  return Object.entries(environment.flows).flatMap(([name, { exception }]): Problem[] => {
    if (!exception || exception.expires >= today) return [];
    const allowed = `${today} or later`;
    return [
      {
        path: ["flows", name, "exception", "expires"],
        what: "the exception has expired",
        given: exception.expires,
        allowed,
        fix: `remove the flow, or let ${exception.owner} prolong it`,
      },
    ];
  });
}
