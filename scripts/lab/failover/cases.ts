import type { Failure, OutageClient } from "../../../environments/model/outages.ts";
import { type HostRole, planes } from "../../../environments/model/topology.ts";
import type { Action, Processes } from "./actions.ts";

/** Who plays which part at the moment before a case begins; all are names of hosts. */
export interface Parts {
  readonly writer: string;
  /** The database's other nodes. */
  readonly readers: readonly string[];
  readonly vipOwner: string;
  readonly vipBackup: string;
  /** The host of the controllers' leader. */
  readonly leader: string;
  /** The gateway through which the clients of gateways come to the zone of their other end. */
  readonly gateway?: string;
  readonly controlPlane: readonly string[];
  /** Hosts that may be powered off without touching a client of the drill. */
  readonly bystanders: Readonly<Partial<Record<HostRole, string>>>;
}

export interface Case {
  readonly name: string;
  /** In the words of the report. */
  readonly what: string;
  /** What is made ready before the clients begin, in stages: after each the site has to be well again. Undone when all is compared. */
  readonly prepare?: (parts: Parts) => readonly (readonly Action[])[];
  /** What it does, one after the other; undone in the opposite order. */
  readonly actions: (parts: Parts) => readonly Action[];
  /** Which prediction applies; none where no majority is left. */
  readonly failure?: Failure;
  /** Most seconds that a client may be without service in mode `fast`, where it was promised. */
  readonly goals?: Readonly<Partial<Record<OutageClient, number>>>;
}

const mysqld: Processes = { service: "database", name: "mysqld" };

const first = (hosts: readonly string[]): string => hosts[0] ?? "";
const kill = (host: string, service: string, which?: Processes["which"]): Action[] => [
  { kind: "kill", host, processes: { service, name: service, ...(which && { which }) } },
];
const hang = (host: string, service: string): Action[] => [{ kind: "hang", host, processes: { service, name: service } }];
const cut = (host: string, ...cables: readonly string[]): Action[] => cables.map((cable) => ({ kind: "cut", host, cable }));
const restart = (service: string, ...hosts: readonly string[]): Action[] => [
  ...hosts.map((host): Action => ({ kind: "stop", host, service })),
  ...hosts.map((host): Action => ({ kind: "start", host, service })),
];
const powerOff = (...hosts: readonly string[]): Action[] => hosts.map((host) => ({ kind: "power-off", host }));

const ofGateway = (gateway: string | undefined, actions: (host: string) => Action[]): Action[] =>
  gateway === undefined ? [] : actions(gateway);

const bystander = (role: HostRole): Case => ({
  name: `power-${role}`,
  what: `power off a host with role ${role}`,
  actions: ({ bystanders }) => powerOff(...(bystanders[role] === undefined ? [] : [bystanders[role]])),
  failure: "bystander",
});

/** Every failure that is drilled, the mild ones first: one that does not heal ends the run. */
export const cases: readonly Case[] = [
  {
    name: "kill-writer",
    what: "kill -9 of the database's writer",
    actions: ({ writer }) => [{ kind: "kill", host: writer, processes: mysqld }],
    failure: "writer-dead",
    goals: { rows: 2 },
  },
  {
    name: "hang-writer",
    what: "SIGSTOP of the database's writer, SIGCONT after",
    actions: ({ writer }) => [{ kind: "hang", host: writer, processes: mysqld }],
    failure: "writer-silent",
  },
  {
    name: "stop-writer",
    what: "stop the database's writer in good order",
    actions: ({ writer }) => [{ kind: "stop", host: writer, service: "database" }],
    failure: "writer-stopped",
  },
  {
    name: "kill-reader",
    what: "kill -9 of another database node",
    actions: ({ readers }) => [{ kind: "kill", host: first(readers), processes: mysqld }],
    failure: "reader-silent",
  },
  {
    name: "cut-writer-storage",
    what: "cut the writer's storage plane",
    actions: ({ writer }) => cut(writer, "storage"),
    failure: "writer-silent",
  },
  {
    name: "cut-writer-management",
    what: "cut the writer's management plane",
    actions: ({ writer }) => cut(writer, "management"),
    failure: "bystander",
  },
  {
    name: "kill-haproxy",
    what: "kill -9 of HAProxy, master and worker, where the VIPs are",
    actions: ({ vipOwner }) => kill(vipOwner, "haproxy"),
    failure: "haproxy-dead",
    goals: { rows: 1, objects: 2 },
  },
  {
    name: "kill-haproxy-master",
    what: "kill -9 of HAProxy's master where the VIPs are",
    actions: ({ vipOwner }) => kill(vipOwner, "haproxy", "parent"),
    failure: "haproxy-dead",
    goals: { rows: 1, objects: 2 },
  },
  {
    name: "kill-haproxy-worker",
    what: "kill -9 of HAProxy's worker where the VIPs are",
    actions: ({ vipOwner }) => kill(vipOwner, "haproxy", "children"),
    failure: "haproxy-dead",
    goals: { rows: 1, objects: 2 },
  },
  {
    name: "hang-haproxy",
    what: "SIGSTOP of HAProxy, master and worker, where the VIPs are, SIGCONT after",
    actions: ({ vipOwner }) => hang(vipOwner, "haproxy"),
    failure: "haproxy-hung",
  },
  {
    name: "kill-haproxy-backup",
    what: "kill -9 of HAProxy on the other balancer",
    actions: ({ vipBackup }) => kill(vipBackup, "haproxy"),
    failure: "bystander",
  },
  {
    name: "kill-keepalived",
    what: "kill -9 of keepalived where the VIPs are",
    actions: ({ vipOwner }) => kill(vipOwner, "keepalived"),
    failure: "keepalived-dead",
    goals: { rows: 1, objects: 2 },
  },
  {
    name: "hang-keepalived",
    what: "SIGSTOP of keepalived where the VIPs are, SIGCONT after",
    actions: ({ vipOwner }) => hang(vipOwner, "keepalived"),
    failure: "keepalived-hung",
  },
  {
    name: "power-balancer",
    what: "power off the balancer that holds the VIPs",
    actions: ({ vipOwner }) => powerOff(vipOwner),
    failure: "vip-owner-silent",
    goals: { rows: 1, objects: 2 },
  },
  {
    name: "separate-balancers",
    what: "cut the two balancers off from each other only",
    actions: ({ vipOwner, vipBackup }) => [{ kind: "separate", host: vipOwner, from: vipBackup }],
    failure: "balancers-apart",
  },
  {
    name: "kill-api-server",
    what: "kill -9 of an API server",
    actions: ({ controlPlane }) => kill(first(controlPlane), "kube-apiserver"),
    failure: "api-server-dead",
    goals: { objects: 2 },
  },
  {
    name: "kill-kine",
    what: "kill -9 of a kine",
    actions: ({ controlPlane }) => kill(first(controlPlane), "kine"),
    failure: "datastore-dead",
    goals: { objects: 2 },
  },
  {
    name: "hang-api-server",
    what: "SIGSTOP of the API server of the controllers' leader, SIGCONT after",
    actions: ({ leader }) => hang(leader, "kube-apiserver"),
    failure: "api-server-hung",
  },
  {
    name: "hang-kine",
    what: "SIGSTOP of the kine of the controllers' leader, SIGCONT after",
    actions: ({ leader }) => hang(leader, "kine"),
    failure: "datastore-hung",
  },
  {
    name: "kill-leader",
    what: "kill -9 of the controllers' leader",
    actions: ({ leader }) => kill(leader, "kube-controller-manager"),
    failure: "leader-dead",
  },
  {
    name: "hang-leader",
    what: "SIGSTOP of the controllers' leader, SIGCONT after",
    actions: ({ leader }) => hang(leader, "kube-controller-manager"),
    failure: "leader-dead",
  },
  {
    name: "cut-control-plane",
    what: "cut the whole control-plane host of the controllers' leader off",
    actions: ({ leader }) => cut(leader, ...planes),
    failure: "api-server-silent",
  },
  {
    name: "power-control-plane",
    what: "power off the control-plane host of the controllers' leader",
    actions: ({ leader }) => powerOff(leader),
    failure: "api-server-silent",
  },
  {
    name: "power-writer",
    what: "power off the host of the database's writer",
    actions: ({ writer }) => powerOff(writer),
    failure: "writer-silent",
  },
  {
    name: "power-reader",
    what: "power off the host of another database node",
    actions: ({ readers }) => powerOff(first(readers)),
    failure: "reader-silent",
  },
  {
    name: "full-disk",
    what: "fill the disk of the database's writer",
    // The others stop in good order, so the role goes to the node with the small disk.
    prepare: ({ writer, readers: [next = "", ...others] }) => [
      [{ kind: "shrink-disk", host: next }],
      restart("database", ...others, writer),
    ],
    actions: ({ writer }) => [{ kind: "fill-disk", host: writer }],
    failure: "writer-stopped",
  },
  {
    name: "kill-gateway-keepalived",
    what: "kill -9 of keepalived on the gateway that holds its zone's addresses",
    actions: ({ gateway }) => ofGateway(gateway, (host) => kill(host, "keepalived")),
    failure: "gateway-keepalived-dead",
    goals: { crossings: 2, streams: 2 },
  },
  {
    name: "hang-gateway-keepalived",
    what: "SIGSTOP of keepalived on the gateway that holds its zone's addresses, SIGCONT after",
    actions: ({ gateway }) => ofGateway(gateway, (host) => hang(host, "keepalived")),
    failure: "gateway-keepalived-hung",
    goals: { crossings: 2, streams: 2 },
  },
  {
    name: "power-gateway-holder",
    what: "power off the gateway that holds its zone's addresses",
    actions: ({ gateway }) => ofGateway(gateway, powerOff),
    failure: "gateway-silent",
    goals: { crossings: 2, streams: 2 },
  },
  ...(["business", "core"] as const).map(
    (cable): Case => ({
      name: `cut-gateway-${cable}`,
      what: `cut the ${cable} cable of the gateway that holds its zone's addresses`,
      actions: ({ gateway }) => ofGateway(gateway, (host) => cut(host, cable)),
      failure: "gateway-silent",
      goals: { crossings: 2, streams: 2 },
    }),
  ),
  ...(["gateway", "nas", "registry", "worker"] as const).map(bystander),
  {
    name: "power-all-databases",
    what: "power off all database hosts of the site, and on again",
    actions: ({ writer, readers }) => powerOff(writer, ...readers),
  },
];

/** What the lab can't do honestly. */
export const leftOut: Readonly<Record<string, string>> = {
  "clock skew": "not drilled: the lab's hosts have the clock of their machine",
};
