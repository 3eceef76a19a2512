import { request } from "node:https";
import { createConnection } from "node:net";
import { balancerPorts, controlPlanePorts } from "../../../environments/model/ports.ts";
import { readKubeconfig } from "../../toolchain/plugins/kubernetes/kubeconfig.ts";
import type { Lab } from "../instance.ts";
import { type LabContainer, labContainers } from "../machines.ts";
import type { SeenDatabase } from "./database-watch.ts";
import { holdersOf, type Place } from "./places.ts";
import { now } from "./records.ts";

/** What has to run; a container that did its work once and ended is none of these. */
const services = [
  ...["database", "haproxy", "keepalived", "kine"],
  ...["conntrackd", "coredns", "ulogd"],
  ...["kube-apiserver", "kube-controller-manager", "kube-scheduler", "metrics-server"],
] as const;
/** A look of the database's watch that is older says nothing. */
const freshMs = 5_000;

export interface Seen {
  readonly containers: readonly LabContainer[];
  readonly database: SeenDatabase | undefined;
  /** Holders of each VIP, by its name. */
  readonly holders: Readonly<Record<string, readonly string[]>>;
  /** Balancers whose HAProxy answers. */
  readonly balancing: readonly string[];
  /** What /readyz of each API server that is not ready says. */
  readonly unready: Readonly<Record<string, string>>;
}

/** Looks at everything that a case can break. */
export async function look(lab: Lab, place: Place, kubeconfig: string, database: SeenDatabase | undefined): Promise<Seen> {
  const { databaseVip, apiVip, crossing } = place;
  const [containers, database_, api, gateways, balancing, ready] = await Promise.all([
    labContainers(lab),
    holdersOf(lab, place.balancers, databaseVip.address),
    holdersOf(lab, place.balancers, apiVip.address),
    holdersOf(lab, crossing.gateways, crossing.address),
    Promise.all(place.balancers.map(({ addresses }) => accepts(addresses.management, balancerPorts.statistics))),
    Promise.all(
      place.controlPlane.map(async ({ name, addresses }) => [name, await readyz(kubeconfig, addresses.management)] as const),
    ),
  ]);
  return {
    containers,
    database: database && now() - database.at < freshMs ? database : undefined,
    holders: {
      ...{ [databaseVip.name]: database_, [apiVip.name]: api },
      ...(crossing.gateways.length > 0 && { [`gateway of ${crossing.to.name}`]: gateways }),
    },
    balancing: place.balancers.filter((_, index) => balancing[index]).map(({ name }) => name),
    unready: Object.fromEntries(ready.filter(([, why]) => why !== "")),
  };
}

/** All that is not as it should be, each with what to look at; empty when the site is well. Pure. */
export function unwell(place: Place, seen: Seen): string[] {
  const hosts = new Set(place.site.zones.flatMap(({ hosts: own }) => own.map(({ name }) => name)));
  const isService = ({ name }: LabContainer): boolean => services.some((service) => name.endsWith(`-${service}`));
  const stopped = seen.containers.filter(
    (one) => hosts.has(one.host) && (one.isMachine || isService(one)) && one.state !== "running",
  );
  const { database } = seen;
  return [
    ...stopped.map(({ name, state }) => `container ${name}: ${state}; look: docker logs ${name}`),
    ...(database === undefined
      ? [`database: its health pages can't be seen from ${place.clientHost.name}; is that host up? npm run lab -- status`]
      : Object.entries(database.unwell).map(([node, says]) => `${node}: its health page says ${says}`)),
    ...(database !== undefined && database.writers.length !== 1
      ? [`database: ${database.writers.length} writers (${database.writers.join(", ") || "none"}) where one is allowed`]
      : []),
    ...Object.entries(seen.holders)
      .filter(([, holders]) => holders.length !== 1)
      .map(([vip, holders]) => `VIP ${vip}: held by ${holders.join(" and ") || "nobody"}; look at keepalived's log on both`),
    ...place.balancers
      .filter(({ name }) => !seen.balancing.includes(name))
      .map(({ name, addresses }) => `${name}: HAProxy does not answer on ${addresses.management}:${balancerPorts.statistics}`),
    ...Object.entries(seen.unready).map(([host, why]) => `${host}: /readyz of its API server says ${why}`),
  ];
}

function accepts(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host, port, timeout: 1000 });
    const end = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket
      .once("connect", () => end(true))
      .once("error", () => end(false))
      .once("timeout", () => end(false));
  });
}

/** Empty when the API server is ready. */
function readyz(kubeconfig: string, host: string): Promise<string> {
  const { tls } = readKubeconfig(kubeconfig);
  return new Promise((resolve) => {
    const asked = request(
      { ...tls, host, port: controlPlanePorts.api, path: "/readyz", agent: false, signal: AbortSignal.timeout(3000) },
      (response) => {
        response.resume();
        response.on("end", () => resolve(response.statusCode === 200 ? "" : String(response.statusCode)));
        response.on("error", (error) => resolve(error.message));
      },
    );
    asked.on("error", (error) => resolve(error.message));
    asked.end();
  });
}
