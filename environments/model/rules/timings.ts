import type { Problem } from "../errors.ts";
import type { Environment } from "../schema.ts";
import { balancerDetectionSeconds, leaseRenewalSeconds, timingsOf, vipDetectionSeconds } from "../timings.ts";
import type { Timings } from "../topology.ts";

/** Controllers give up their lease when a renewal does not get through for this long. */
const leaderRenewSeconds = 10;

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
    value: "galeraSuspectSeconds",
    holds: (timings) => timings.galeraSuspectSeconds < leaderRenewSeconds,
    what: "controllers lose their lease while the database waits for a dead member",
    allowed: () => `less than ${leaderRenewSeconds}`,
  },
  {
    value: "healthFastIntervalMs",
    holds: (timings) => timings.healthFastIntervalMs <= timings.healthIntervalMs,
    what: "checks of a doubtful server are rarer than those of a healthy one",
    allowed: (timings) => `at most ${timings.healthIntervalMs}`,
  },
  {
    value: "healthIntervalMs",
    holds: (timings) => balancerDetectionSeconds(timings) < leaderRenewSeconds,
    what: "controllers lose their lease before a balancer leaves a dead server",
    allowed: () => `interval and fast checks together less than ${leaderRenewSeconds * 1000}`,
  },
  {
    value: "vrrpAdvertSeconds",
    holds: (timings) => vipDetectionSeconds(timings) < leaderRenewSeconds,
    what: "controllers lose their lease before a VIP moves",
    allowed: () => `less than ${text(leaderRenewSeconds / 4)}`,
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
