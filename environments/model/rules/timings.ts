import type { Problem } from "../errors.ts";
import { type Failure, failures, outageOf, outageSeconds } from "../outages.ts";
import type { Environment } from "../schema.ts";
import { leaderRetrySeconds, leasePerRenewal, leaseRenewalSeconds, timingsOf } from "../timings.ts";
import type { Timings } from "../topology.ts";

/** What keeps clients of the API waiting longest. */
const longestOutage = (timings: Timings): { readonly failure: Failure; readonly seconds: number } =>
  (Object.keys(failures) as Failure[])
    .map((failure) => ({ failure, seconds: outageSeconds(outageOf(failure, timings), "objects") }))
    .reduce((longest, one) => (one.seconds > longest.seconds ? one : longest));

/** The attempt after the outage has to come in time. */
const leastLeaderLease = (timings: Timings): number =>
  Math.ceil(leasePerRenewal * (longestOutage(timings).seconds + leaderRetrySeconds));

interface Bound {
  readonly value: keyof Timings;
  readonly holds: (timings: Timings) => boolean;
  readonly what: string;
  readonly allowed: (timings: Timings) => string;
}

const bounds: readonly Bound[] = [
  {
    value: "galeraKeepaliveSeconds",
    holds: (timings) => timings.galeraKeepaliveSeconds < timings.galeraSuspectSeconds / 3,
    what: "Galera refuses to start when its keepalive is not below a third of its suspect timeout",
    allowed: (timings) => `less than ${text(timings.galeraSuspectSeconds / 3)}`,
  },
  {
    value: "galeraInactiveSeconds",
    holds: (timings) => timings.galeraInactiveSeconds > timings.galeraSuspectSeconds,
    what: "a member must be suspected before it is inactive",
    allowed: (timings) => `more than ${text(timings.galeraSuspectSeconds)}`,
  },
  {
    value: "leaderLeaseSeconds",
    holds: (timings) => timings.leaderLeaseSeconds >= leastLeaderLease(timings),
    what: "controllers lose their lease in an outage that another host ends",
    allowed: (timings) => {
      const { failure, seconds } = longestOutage(timings);
      return `at least ${leastLeaderLease(timings)}, because the API is away for ${text(seconds)} s when ${failures[failure]}`;
    },
  },
  {
    value: "healthFastIntervalMs",
    holds: (timings) => timings.healthFastIntervalMs <= timings.healthIntervalMs,
    what: "checks of a doubtful server are rarer than those of a healthy one",
    allowed: (timings) => `at most ${timings.healthIntervalMs}`,
  },
  {
    value: "nodeGraceSeconds",
    holds: (timings) => timings.nodeGraceSeconds >= 3 * leaseRenewalSeconds(timings),
    what: "a node would not be ready after fewer than three missed renewals of its lease",
    allowed: (timings) => `at least ${text(3 * leaseRenewalSeconds(timings))}, or a shorter nodeLeaseSeconds`,
  },
];

const text = (seconds: number): string => String(Math.round(seconds * 1000) / 1000);

/** Single timings must agree with one another and with those of the availability mode. */
export function timingProblems(environment: Environment): Problem[] {
  const timings = timingsOf(environment.availability, environment.timings);
  return bounds
    .filter(({ holds }) => !holds(timings))
    .map(({ value, what, allowed }) => ({
      path: ["timings", value],
      what: `contradicts the other timings of availability ${environment.availability}: ${what}`,
      given: String(timings[value]),
      allowed: allowed(timings),
      fix: "remove the timings of your own, or change both",
    }));
}
