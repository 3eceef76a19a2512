import type { AvailabilityMode, Timings } from "./topology.ts";

/**
 * What each availability mode means. `fast`: a failure is noticed within about a second, and a busy machine may pass for a dead one.
 * `norm`: the products' own defaults, seldom wrong. `safe`: twice those, for networks and machines that falter. In none an outage of the database or of a VIP
 * costs the controllers' leader its lease, or a network that is gone for ten minutes costs a pod: the leader's lease and the pods' toleration are longer than
 * Kubernetes' own 15 s and 300 s. The rules in rules/timings.ts hold for each.
 */
const modes: Readonly<Record<AvailabilityMode, Timings>> = {
  fast: {
    vrrpAdvertSeconds: 0.2,
    healthIntervalMs: 1000,
    healthFastIntervalMs: 200,
    healthFall: 2,
    galeraKeepaliveSeconds: 0.25,
    galeraSuspectSeconds: 1,
    galeraInactiveSeconds: 3,
    leaderLeaseSeconds: 15,
    nodeLeaseSeconds: 12,
    nodeGraceSeconds: 12,
    podTolerationSeconds: 660,
    nasLeaseSeconds: 10,
  },
  norm: {
    vrrpAdvertSeconds: 1,
    healthIntervalMs: 2000,
    healthFastIntervalMs: 2000,
    healthFall: 3,
    galeraKeepaliveSeconds: 1,
    galeraSuspectSeconds: 5,
    galeraInactiveSeconds: 15,
    leaderLeaseSeconds: 27,
    nodeLeaseSeconds: 40,
    nodeGraceSeconds: 50,
    podTolerationSeconds: 900,
    nasLeaseSeconds: 60,
  },
  safe: {
    vrrpAdvertSeconds: 2,
    healthIntervalMs: 4000,
    healthFastIntervalMs: 4000,
    healthFall: 3,
    galeraKeepaliveSeconds: 2,
    galeraSuspectSeconds: 10,
    galeraInactiveSeconds: 30,
    leaderLeaseSeconds: 45,
    nodeLeaseSeconds: 80,
    nodeGraceSeconds: 100,
    podTolerationSeconds: 3600,
    nasLeaseSeconds: 90,
  },
};

/** The timings of a mode, with single ones replaced. */
export function timingsOf(
  mode: AvailabilityMode,
  overrides: { readonly [K in keyof Timings]?: Timings[K] | undefined } = {},
): Timings {
  const given = Object.fromEntries(Object.entries(overrides).filter(([, value]) => value !== undefined));
  return { ...modes[mode], ...given };
}

/** Seconds until a balancer no longer sends to a server that refuses connections. */
export function balancerDetectionSeconds(timings: Timings): number {
  return (timings.healthIntervalMs + (timings.healthFall - 1) * timings.healthFastIntervalMs) / 1000;
}

/**
 * Milliseconds that a balancer waits for a server's SYN-ACK, and before it tries a refused connection again (`min(timeout connect, 1 s)`: HAProxy's
 * documentation, `retries`): servers are on the balancers' own network and answer within a millisecond, or not at all.
 */
export function balancerConnectMs({ healthFastIntervalMs }: Timings): number {
  return Math.min(healthFastIntervalMs, 1000);
}

/** Galera's own share of the time in which it suspects a silent member: how often it looks for one, and how often it repeats what it proposes. */
export function galeraPeriods({ galeraSuspectSeconds }: Timings): {
  readonly checkSeconds: number;
  readonly repeatSeconds: number;
} {
  return { checkSeconds: galeraSuspectSeconds / 10, repeatSeconds: galeraSuspectSeconds / 5 };
}

/** How much longer the lease of the controllers' leader is than the time in which it has to renew it: as in Kubernetes' own defaults, 15 s and 10 s. */
export const leasePerRenewal = 1.5;

/** Seconds in which the controllers' leader has to renew its lease; otherwise it ends. */
export function leaderRenewSeconds({ leaderLeaseSeconds }: Timings): number {
  return leaderLeaseSeconds / leasePerRenewal;
}

/** Seconds between two attempts to renew that lease, or to take it. */
export const leaderRetrySeconds = 2;

/** Seconds between two looks of the controllers at the leases of all nodes. */
export function nodeLookSeconds({ nodeGraceSeconds }: Timings): number {
  return Math.max(1, Math.floor(nodeGraceSeconds / 5));
}

/** Seconds from a node that is emptied to the next one (https://kubernetes.io/docs/concepts/architecture/nodes/#rate-limits-on-eviction). */
export const nodeEvictionSeconds = 10;

/** A kubelet renews its lease at every quarter of its duration. */
export function leaseRenewalSeconds(timings: Timings): number {
  return timings.nodeLeaseSeconds / 4;
}

/** Seconds after its restart in which a NAS gives back what clients held, and nothing new: longer than a client may be silent. */
export function nasGraceSeconds({ nasLeaseSeconds }: Timings): number {
  return Math.ceil(1.5 * nasLeaseSeconds);
}
