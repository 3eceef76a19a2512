import type { Place } from "../../../environments/model/flows/reach.ts";
import type { Protocol } from "../../../environments/model/flows/table.ts";
import type { Host, Plane } from "../../../environments/model/topology.ts";

// What is sent, by whom, and what may become of it. Plain data.

/** How somebody inside a zone could try to get around the table, in the words of the report. */
export const attacks = {
  neighbour: "as a neighbour: a forged sender in the own zone",
  stranger: "as a host of another zone that may: a forged sender",
  vip: "as a VIP: a forged sender",
  gateway: "as a gateway: a forged sender",
  operator: "as the operators: a forged sender",
  answer: "as an answer: from a service's own port, without a question",
  "foreign-gateway": "a hand-made route by the other zone's gateways",
  "through-neighbour": "a hand-made route through a neighbour",
  "through-machine": "a hand-made neighbour entry: through the machine under the lab",
  "other-plane": "by another plane's gateways",
  "management-leg": "by another host's management leg to its address on another plane",
  machine: "to the machine under the lab, on every address that it has",
  multicast: "to everybody on the wire: multicast",
  ipv6: "over IPv6: to everybody on the wire, and to each neighbour's link-local address",
  pod: "from a pod: its node's or another pod's address as the sender",
  failover: "while a gateway fails over",
} as const;
export type Attack = keyof typeof attacks;
export type Kind = "flow" | Attack;

export interface Traffic {
  readonly protocol: Exclude<Protocol, "vrrp">;
  /** 0 where the protocol has none. */
  readonly port: number;
}

/** Who sends: a host, a pod on one, or who plays the networks outside. */
export type Sender = Pick<Host, "name" | "site" | "zone"> & { readonly role: Host["role"] | "pod" | "outside" };

/** Who plays the networks outside on a site. */
export interface Outsider extends Sender {
  readonly role: "outside";
  /** By the network's name in the environment file. */
  readonly addresses: Readonly<Record<string, string>>;
}

/** A pod of a zone's applications, placed for the proof. */
export interface Pod extends Sender {
  readonly role: "pod";
  readonly address: string;
  /** Beyond its zone's pods it has its node's addresses. */
  readonly node: Host;
}

/** Who is sent to: a host, a shared address, or a pod, which has its node beside its own address. */
export type Target = Place & { readonly node?: Host };

/** A way out of a host that its own routes do not know. */
export interface Route {
  readonly device: string;
  /** Next hop, taken to be on the wire; absent where the destination itself is. */
  readonly via?: string;
  /** Hardware address behind the next hop or the destination. */
  readonly hardware?: string;
}

/** What is done to packets on their way out, told by their source port. */
export interface Means {
  /** The sender's address in their place. */
  readonly forged?: string;
  /** The source port in its place. */
  readonly port?: number;
  readonly route?: Route;
}

/**
 * `passes`: the table permits it. `stops`: nobody may get it. `open`: no packet filter of a host can tell, because the real and the claimed sender
 * share a wire; it is tried and reported, and proves nothing.
 */
export type Expectation = "passes" | "stops" | "open";

export interface Probe extends Traffic {
  readonly kind: Kind;
  readonly from: Host | Pod | Outsider;
  /** The sender's own address that it leaves from; absent for IPv6. */
  readonly source?: string;
  readonly to: Target;
  readonly plane: Plane;
  /** 0 where the protocol has none. It tells the means. */
  readonly sourcePort: number;
  readonly means?: Means;
  readonly expected: Expectation;
}

/**
 * Source ports of probes: those from hosts to pods have their own, or a pod would take for one of them what came to it by a port of its node; those from `pods`
 * on are of pods. No service has one of them, and the kernel gives its clients others (32768 to 60999).
 */
export const probePorts = { first: 12_000, toPods: 12_001, pods: 22_000, last: 23_999 } as const;

/** In a key, in the place of an address that the pod's node changes. */
export const anyPod = "pod";

/** How the receiver's observer sees a packet. */
export function keyOf({ from, source, to, protocol, port, sourcePort, means }: Probe): string {
  if (from.role === "pod") return [protocol, anyPod, to.address, sourcePort, port].join(" ");
  if (protocol === "icmp") return ["icmp", means?.forged ?? source, to.address].join(" ");
  // Over IPv6 a sender is known by its port alone.
  if (source === undefined) return [protocol, "ipv6", sourcePort, port].join(" ");
  return [protocol, means?.forged ?? source, to.address, means?.port ?? sourcePort, port].join(" ");
}
