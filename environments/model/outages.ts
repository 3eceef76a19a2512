import {
  balancerConnectMs,
  balancerDetectionSeconds,
  galeraPeriods,
  leaderRetrySeconds,
  nodeEvictionSeconds,
  nodeLookSeconds,
} from "./timings.ts";
import type { Timings } from "./topology.ts";

// The longest outage in seconds that a client sees of each single failure, as a sum of named parts: the reviewer reads what it is made of,
// and the drill in the lab measures against it. It holds for clients as `clientPatience` describes them: one that waits longer sees more.

export const outageClients = ["rows", "objects", "controllers", "crossings", "streams", "pods"] as const;
/**
 * Writes rows through the database's VIP; writes Kubernetes objects through the API's VIP; Kubernetes' own controllers, who need a leader; makes new
 * connections from zone to zone; listens to one of those that the other end alone sends on; waits for as many pods of an application to serve as there were.
 */
export type OutageClient = (typeof outageClients)[number];

/** Seconds after which a client gives up a connection that is silent, and makes a new one. */
export const clientPatience = { connect: 0.25, rows: 0.5, objects: 1 } as const;

export interface OutagePart {
  readonly what: string;
  readonly seconds: number;
}

/** By client; one that is not named sees none. */
export type Outage = Readonly<Partial<Record<OutageClient, readonly OutagePart[]>>>;

export const failures = {
  "writer-dead": "the database's writer dies",
  "writer-silent": "the database's writer hangs, loses its storage plane or its power",
  "writer-stopped": "the database's writer is stopped in good order",
  "reader-silent": "another database node dies, hangs or loses its power",
  "vip-owner-silent": "the balancer that holds the VIPs loses its power or its cables",
  "haproxy-dead": "HAProxy dies on the balancer that holds the VIPs",
  "haproxy-hung": "HAProxy hangs on the balancer that holds the VIPs",
  "keepalived-dead": "keepalived dies on the balancer that holds the VIPs",
  "keepalived-hung": "keepalived hangs on the balancer that holds the VIPs",
  "balancers-apart": "the balancers do not see each other, and both hold the VIPs",
  "api-server-dead": "an API server dies",
  "api-server-hung": "an API server hangs",
  "api-server-silent": "a control-plane host loses its power or its cables",
  "datastore-dead": "kine dies on a control-plane host",
  "datastore-hung": "kine hangs on a control-plane host",
  "leader-dead": "the controllers' leader dies or hangs",
  "gateway-silent": "the gateway that holds its zone's addresses loses its power or a cable",
  "gateway-keepalived-dead": "keepalived dies on the gateway that holds its zone's addresses",
  "gateway-keepalived-hung": "keepalived hangs on the gateway that holds its zone's addresses",
  "node-silent": "a worker loses its power",
  bystander: "something dies that no client's path leads through",
} as const;
export type Failure = keyof typeof failures;

/** A certified write, and the server that tells so on its page. */
const claimSeconds = 0.2;
/** A TLS login, on a machine that is busy with a failure. */
const reconnectSeconds = 0.3;
/** gRPC connects again after a second, with a jitter of 0.2: https://github.com/grpc/grpc/blob/master/doc/connection-backoff.md. */
const datastoreRetrySeconds = 1.2;
/** Who waits for a lease adds a jitter to its pauses (client-go, `leaderelection.JitterFactor`). */
const leaderLookSeconds = 2.2 * leaderRetrySeconds;
/** kube-apiserver that died and starts again, in the lab: its port accepts connections long before anyone answers on it. */
const apiServerAgain = { listensSeconds: 0.5, servesSeconds: 2.5 } as const;
/** Scheduled, started from an image that the node has, and asked for the first time whether it serves. */
const podStartSeconds = 6;

const part = (what: string, seconds: number): OutagePart => ({ what, seconds: Math.round(seconds * 1000) / 1000 });

const sum = (parts: readonly OutagePart[]): number => parts.reduce((total, { seconds }) => total + seconds, 0);

/** Seconds of an outage for one client; 0 where it sees none. */
export const outageSeconds = (outage: Outage, client: OutageClient): number =>
  Math.round(sum(outage[client] ?? []) * 1000) / 1000;

/** Seconds until a balancer no longer sends to a server that accepts and stays silent: each check waits for an answer first. */
function silenceDetectionSeconds(timings: Timings): number {
  return balancerDetectionSeconds(timings) + (timings.healthFall * timings.healthIntervalMs) / 1000;
}

/** The longest outage of a single failure, by client. */
export function outageOf(failure: Failure, timings: Timings): Outage {
  return outages[failure](timings);
}

const fast = (timings: Timings): number => timings.healthFastIntervalMs / 1000;

const reconnect = part("the client logs in anew", reconnectSeconds);
const impatience = (client: "rows" | "objects"): OutagePart =>
  part("an attempt that began too early is given up", clientPatience[client]);
const held = (timings: Timings): OutagePart =>
  part("a balancer holds a new connection until it tries again", balancerConnectMs(timings) / 1000);

const suspected = (timings: Timings): OutagePart[] => [
  part("the other database nodes suspect the silent one", timings.galeraSuspectSeconds),
  part("they look for suspects at an interval", galeraPeriods(timings).checkSeconds),
];

const newWriter = (timings: Timings): OutagePart[] => [
  part("another node sees that the writer is gone", fast(timings)),
  part("it takes the role by a certified write", claimSeconds),
  part("the balancers see the new writer", fast(timings)),
];

/** Balancers check the old writer while the database gives its role away; until they leave it, no new session is let through to either. */
function stillBalanced(what: string, detectionSeconds: number, meanwhile: readonly OutagePart[]): OutagePart[] {
  const more = detectionSeconds - sum(meanwhile);
  return more > 0 ? [part(what, more)] : [];
}

/** Where the balancers leave a dead API server only after it listens again: never with the timings of mode fast. */
function unanswered(timings: Timings): OutagePart[] {
  const { listensSeconds, servesSeconds } = apiServerAgain;
  const seconds = Math.min(fast(timings) * timings.healthFall, servesSeconds) - listensSeconds;
  return seconds > 0 ? [part("it listens again before it serves, and is still balanced", seconds), impatience("objects")] : [];
}

const vipMoves = ({ vrrpAdvertSeconds }: Timings): OutagePart[] => [
  part("three advertisements of the addresses' holder are missed", 3 * vrrpAdvertSeconds),
  part("the other host's skew", vrrpAdvertSeconds),
];

/** Without patience of its own a session sends again at intervals that double, so it may sleep as long again as the outage was. */
const asleep = (outage: readonly OutagePart[], patience: number): OutagePart =>
  part("a silent session is tried again: TCP's pauses double", Math.max(patience, sum(outage)));

/**
 * When a sender that always has something to send tries again at the first time after an outage: Linux waits 0.2 s at least (TCP_RTO_MIN), then twice as long
 * each time (RFC 6298, 5.5). The round trip comes on top.
 */
function retransmittedAt(outageSeconds: number): number {
  let [at, pause] = [0, 0.2];
  while (at < outageSeconds) [at, pause] = [at + pause, pause * 2];
  return at + 0.05;
}

function vipOwnerLost(timings: Timings): Outage {
  const moves = vipMoves(timings);
  // Who waited for an answer has given up before, unless that takes longer than the move; since then it asks for a connection.
  const patience = Math.max(clientPatience.connect, clientPatience.rows - sum(moves));
  return {
    rows: [...moves, part("an attempt that began too early is given up", patience), reconnect],
    objects: [...moves, asleep(moves, clientPatience.objects), reconnect],
  };
}

/** Both lead to the same writer; a connection that comes to the other one is unknown there. */
const twoHolders = (): Outage => ({
  rows: [impatience("rows"), reconnect],
  objects: [impatience("objects"), reconnect],
});

/** The other gateway knows each connection already: what comes next passes. */
function gatewayLost(timings: Timings): Outage {
  const moves = vipMoves(timings);
  return {
    crossings: [...moves, part("an attempt that began too early is given up", clientPatience.connect)],
    streams: [...moves, part("TCP sends again: its pauses double from 0.2 s", retransmittedAt(sum(moves)) - sum(moves))],
  };
}

/** Only where the leader itself is gone: rules/timings.ts sees to it that it lives through every other outage. */
const leaderLost = ({ leaderLeaseSeconds }: Timings): OutagePart[] => [
  part("another one sees the leader's last renewal at an interval", leaderLookSeconds),
  part("the lease ends, counted from there", leaderLeaseSeconds),
  part("it tries to take the lease at an interval", leaderLookSeconds),
];

/** Balancers send to it until its checks are silent for long enough; most often the second attempt is another server's. */
const serverHung = (timings: Timings): Outage => ({
  objects: [impatience("objects"), part("the next attempt may meet it again", clientPatience.objects), reconnect],
  controllers: leaderLost(timings),
});

const outages: Readonly<Record<Failure, (timings: Timings) => Outage>> = {
  "writer-dead": (timings) => {
    const database = [...suspected(timings), ...newWriter(timings)];
    return { rows: [...database, impatience("rows"), reconnect], objects: [...database, held(timings), reconnect] };
  },
  "writer-silent": (timings) => {
    const database = [...suspected(timings), ...newWriter(timings)];
    const left = "the balancers leave the silent server and end its sessions";
    const balanced = [...database, ...stillBalanced(left, silenceDetectionSeconds(timings), database)];
    // kine waits for the silent server too, and with it an API server's client: the one that asked last is still waiting when the others are served.
    return {
      rows: [...balanced, impatience("rows"), reconnect],
      objects: [...balanced, impatience("objects"), held(timings), reconnect],
    };
  },
  // It gives its role back before it stops, and refuses at once: nobody waits for an answer.
  "writer-stopped": (timings) => {
    const database = [part("the writer sees that it is told to stop", fast(timings)), ...newWriter(timings)];
    const left = "the balancers leave the old writer";
    const balanced = [...database, ...stillBalanced(left, balancerDetectionSeconds(timings), database)];
    return { rows: [...balanced, reconnect], objects: [...balanced, reconnect] };
  },
  "reader-silent": (timings) => ({
    rows: [...suspected(timings), impatience("rows"), reconnect],
    objects: [...suspected(timings), impatience("objects"), reconnect],
  }),
  "vip-owner-silent": vipOwnerLost,
  "haproxy-dead": (timings) => {
    const moves = [
      part("keepalived's checks fail", (timings.healthFall * timings.healthFastIntervalMs) / 1000),
      part("the other balancer's skew", timings.vrrpAdvertSeconds),
    ];
    // Its host lives and refuses connections at once: no client waits for an answer.
    return { rows: [...moves, reconnect], objects: [...moves, reconnect] };
  },
  // Its kernel still accepts connections, and takes in what is sent: a client waits for an answer.
  "haproxy-hung": (timings) => {
    const waits = timings.healthFastIntervalMs + timings.healthIntervalMs;
    const moves = [
      part("keepalived waits for its answers in vain", (timings.healthFall * waits) / 1000),
      part("the other balancer's skew", timings.vrrpAdvertSeconds),
    ];
    return { rows: [...moves, impatience("rows"), reconnect], objects: [...moves, impatience("objects"), reconnect] };
  },
  // The one that starts again takes the VIPs down before the other host holds them.
  "keepalived-dead": vipOwnerLost,
  // It advertises nothing, and its host keeps the addresses: both balancers hold them then.
  "keepalived-hung": twoHolders,
  "balancers-apart": twoHolders,
  // A balancer hands what is refused to another server (HAProxy's documentation, `option redispatch`), in version 2.6 after a pause.
  "api-server-dead": (timings) => ({ objects: [...unanswered(timings), held(timings), reconnect] }),
  // It may be the server of the leader's host, which asks no other one.
  "api-server-hung": serverHung,
  // It may be the leader's host.
  "api-server-silent": (timings) => ({
    objects: [impatience("objects"), held(timings), reconnect],
    controllers: leaderLost(timings),
  }),
  // Its API server lets requests wait; one that is given up may meet it again.
  "datastore-dead": () => ({
    objects: [
      impatience("objects"),
      part("the API server tries its datastore again: gRPC's first pause", datastoreRetrySeconds),
      reconnect,
    ],
  }),
  // Its API server answers nobody either.
  "datastore-hung": serverHung,
  "leader-dead": (timings) => ({ controllers: leaderLost(timings) }),
  "gateway-silent": gatewayLost,
  // Its host passes packets on until the other one has the addresses.
  "gateway-keepalived-dead": gatewayLost,
  // Both gateways hold the addresses, and either passes on what comes to it.
  "gateway-keepalived-hung": () => ({
    crossings: [part("an attempt that began too early is given up", clientPatience.connect)],
    streams: [part("TCP sends again", retransmittedAt(0.01))],
  }),
  // Where all nodes of a site are silent, or three and more that are over a third, it is the network, and nothing is placed elsewhere.
  "node-silent": (timings) => ({
    pods: [
      part("the node has not renewed its lease", timings.nodeGraceSeconds),
      part("the controllers look at an interval", nodeLookSeconds(timings)),
      part("another node may have been emptied just before", nodeEvictionSeconds),
      part("its pods may stay, or trouble of the network would take them away", timings.podTolerationSeconds),
      part("others start on the zone's other nodes", podStartSeconds),
    ],
  }),
  bystander: () => ({}),
};
