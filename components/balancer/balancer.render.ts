import { balancerConnectMs } from "../../environments/model/timings.ts";
import type { Timings, Vip } from "../../environments/model/topology.ts";

// What the renderers of a balancer pair have in common: where its things are, and what a service behind it is.

/** The same path on a host and in its containers. */
export const balancerDirectory = "/etc/tandem/balancer";

export const balancerPaths = {
  /** Asks a service's container to take up what was written; the host's root runs it. */
  reload: `${balancerDirectory}/reload`,
  /** HAProxy reads every `*.cfg` in the order of their names: this one first. */
  haproxy: `${balancerDirectory}/base.cfg`,
  keepalived: `${balancerDirectory}/keepalived.conf`,
  /** Secret: who may see the status page. */
  users: `${balancerDirectory}/users.cfg`,
  /** Secret: what the status page shows of itself, certificate and key. */
  certificate: `${balancerDirectory}/statistics.pem`,
  /** What checks over TLS believe. */
  authorities: `${balancerDirectory}/authorities.crt`,
  /** In memory, each container its own. */
  runtime: "/run/balancer",
  /** 0 while this host's HAProxy answers: keepalived follows it. */
  health: "/run/balancer/haproxy",
} as const;

/** How HAProxy asks a server whether it may serve: HTTP status 200 expected. */
export type ServerCheck =
  | { readonly scheme: "http"; readonly port: number; readonly path: string }
  /** On the service's own port; the certificate must name the server and be signed by the platform's authorities. */
  | { readonly scheme: "https"; readonly path: string };

/** What a VIP offers: connections are handed to a server that its check calls healthy. */
export interface ServiceBehindVip {
  readonly vip: Vip;
  /** TCP port on the VIP. */
  readonly port: number;
  readonly servers: readonly { readonly name: string; readonly address: string; readonly port: number }[];
  readonly check: ServerCheck;
  /** `one`: while two servers call themselves healthy no new connection is let through, and a connection never outlives its server's turn. */
  readonly serves: "one" | "all";
}

/** The file descriptor on which HAProxy tells its container's script that a server took over. */
export const eventsDescriptor = 5;

export const servicePaths = (vip: Vip): { readonly haproxy: string; readonly keepalived: string } => ({
  haproxy: `${balancerDirectory}/vip-${vip.name}.cfg`,
  keepalived: `${balancerDirectory}/vip-${vip.name}.conf`,
});

/** The keepalived container's part; HAProxy has half of its host's memory besides. */
export const keepalivedMemoryMib = 32;

/** How HAProxy watches servers, and how each host watches its own HAProxy. All follow from the platform's timings. */
export const watchOf = (timings: Timings) => ({
  intervalMs: timings.healthIntervalMs,
  /** Between checks of a doubtful server, of one that is down, and of the host's own HAProxy. */
  fastIntervalMs: timings.healthFastIntervalMs,
  fall: timings.healthFall,
  /** A server or a HAProxy that takes longer to answer counts as one that does not. */
  answerMs: timings.healthIntervalMs,
  connectMs: balancerConnectMs(timings),
});
