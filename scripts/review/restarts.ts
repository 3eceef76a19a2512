import { type Failure, outageClients, outageOf, outageSeconds } from "../../environments/model/outages.ts";
import type { Timings } from "../../environments/model/topology.ts";
import type { Step } from "../deploy/steps.ts";
import { type HostPlace, zoneOf } from "./places.ts";

const container = "docker:index/container:Container";

/** What its clients see when a service starts again on one host: no worse than when it dies there. A database gives its role away first. */
const failureOf: Readonly<Record<string, Failure>> = {
  database: "writer-stopped",
  haproxy: "haproxy-dead",
  kine: "datastore-dead",
  "kube-apiserver": "api-server-dead",
  "kube-controller-manager": "leader-dead",
  "kube-scheduler": "leader-dead",
};

const keepalivedFailure = ({ role }: HostPlace): Failure => (role === "gateway" ? "gateway-keepalived-dead" : "keepalived-dead");

/** Who waits until it is back: all its users where a site has one, or those on its own host, who ask no other one. */
const waits: Readonly<Record<string, string>> = {
  "kube-apiserver": "controllers that lead on its host wait until it is back, or others lead",
  kine: "controllers that lead on its host wait until it is back, or others lead",
  nas: "writers on the NAS wait",
  "harbor-front": "pulls go to the other site's registry",
  "harbor-core": "pulls go to the other site's registry",
  "harbor-registry": "pulls go to the other site's registry",
  "harbor-database": "pulls go to the other site's registry",
};

/** A service that starts again on hosts of one zone, one after another. */
export interface Restart {
  readonly service: string;
  /** As in `dc1-platform`. */
  readonly zone: string;
  readonly hosts: readonly string[];
  /** What of it differs: an input as in `image`, or the label that has a file's digest. */
  readonly because: readonly string[];
  /** Longest outage of each client, each time the service stops where it leads. */
  readonly outages: readonly { readonly client: string; readonly seconds: number }[];
  /** What is seen where the model has no seconds for it. */
  readonly without?: string;
}

/** A label by its own name: `labels[3].value` says nothing. */
function inputName({ after, before }: Step, path: string): string {
  const [, index] = /^labels\[(\d+)\]/.exec(path) ?? [];
  const labels = (after["labels"] ?? before["labels"]) as readonly { readonly label?: string }[] | undefined;
  return (index !== undefined && labels?.[Number(index)]?.label) || path;
}

/** Containers that a change replaces: each is its service's restart on a host. */
export function restartsOf(
  steps: readonly Step[],
  hostOf: (resource: string) => HostPlace | undefined,
  timings: Timings,
): Restart[] {
  const replaced = steps.flatMap((step) => {
    const host = step.op === "replace" && step.type === container ? hostOf(step.name) : undefined;
    return host ? [{ step, host, service: step.name.slice(0, step.name.indexOf(host.name) - 1) }] : [];
  });
  const groups = Map.groupBy(replaced, ({ service, host }) => `${service} ${zoneOf(host)}`);
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (!first) return [];
    const { service, host } = first;
    const failure = service === "keepalived" ? keepalivedFailure(host) : failureOf[service];
    const outage = failure && outageOf(failure, timings);
    return [
      {
        service,
        zone: zoneOf(host),
        hosts: group.map((each) => each.host.name).sort(),
        because: [...new Set(group.flatMap(({ step }) => step.paths.map((path) => inputName(step, path))))].sort(),
        outages: outage
          ? outageClients.flatMap((client) => (outage[client] ? [{ client, seconds: outageSeconds(outage, client) }] : []))
          : [],
        ...(waits[service] !== undefined && { without: waits[service] }),
      },
    ];
  });
}
