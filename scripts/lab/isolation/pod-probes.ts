import type { Place } from "../../../environments/model/flows/reach.ts";
import { type Host, type Plane, planes } from "../../../environments/model/topology.ts";
import { aimsOf } from "./attacker.ts";
import { type Ground, questionOf, trafficOf } from "./plan.ts";
import { type Pod, type Probe, probePorts, type Target, type Traffic } from "./probes.ts";
import type { Choose } from "./random.ts";

// What pods try, and what is tried on them. Pure.

/** A pod by its own address. */
export const podPlace = ({ name, site, zone, address, node }: Pod): Target => ({
  ...{ label: name, address, site, zone, hosts: [name], node },
});

/**
 * The source port of what a pod sends by some means, or to another pod by its own address: on its way out a pod has its node's address, so the port alone
 * tells whose it is.
 */
type PodPort = (pod: Pod, way: Probe["means"] | "to a pod") => number;

function podPorts(): PodPort {
  const known = new Map<string, number>();
  return ({ name }, way) => {
    const key = `${name} ${JSON.stringify(way)}`;
    const port = known.get(key) ?? probePorts.pods + known.size;
    if (port > probePorts.last) throw new Error(`${known.size} pods and their means: a wider range of source ports is needed`);
    known.set(key, port);
    return port;
  };
}

/** Every pod to every host, shared address and pod, and every host and network outside to every pod, by all that is tried; `most` forged senders a pod. */
export function allPodProbes(ground: Ground, pods: readonly Pod[], choose: Choose, most: number): Probe[] {
  const traffic = trafficOf(ground);
  return podProbes(ground, pods, choose, most, { places: (all) => all, senders: (all) => all, traffic: () => traffic });
}

/** In vain: from each pod to so many places of a plane, and to each pod from so many hosts. Beside that, all that its zone's applications may. */
const inVain = { places: 12, hosts: 8 } as const;

export function somePodProbes(ground: Ground, pods: readonly Pod[], choose: Choose, most: number): Probe[] {
  const traffic = trafficOf(ground);
  return podProbes(ground, pods, choose, most, {
    places: (all) => choose(all, inVain.places),
    senders: (all) => choose(all, inVain.hosts),
    traffic: () => choose(traffic, 1),
  });
}

/** How much of all that could be tried. */
interface Extent {
  readonly places: (all: readonly Place[]) => readonly Place[];
  readonly senders: (all: readonly Host[]) => readonly Host[];
  readonly traffic: () => readonly Traffic[];
}

function podProbes(ground: Ground, pods: readonly Pod[], choose: Choose, most: number, extent: Extent): Probe[] {
  const port = podPorts();
  const toPods = pods.flatMap((pod) => {
    const hosts = extent.senders(ground.hosts.filter(({ name }) => name !== pod.node.name));
    const outsiders = ground.outsiders.filter(({ site }) => site === pod.site);
    const senders = [
      ...hosts.map((from) => ({ from, source: from.addresses.business })),
      ...outsiders.flatMap((from) => Object.values(from.addresses).map((source) => ({ from, source }))),
    ];
    return senders.flatMap(({ from, source }) =>
      extent.traffic().map(
        (traffic): Probe => ({
          ...{ kind: "flow", from, to: podPlace(pod), plane: "business", source, expected: "stops" },
          ...{ ...traffic, sourcePort: traffic.protocol === "icmp" ? 0 : probePorts.toPods },
        }),
      ),
    );
  });
  const fromPods = pods.flatMap((pod) => {
    const among = pods.filter((other) => other !== pod).map(podPlace);
    const sent = (to: Target, plane: Plane) => extent.traffic().map((traffic) => podProbe(ground, pod, to, plane, traffic, port));
    return [
      ...planes.flatMap((plane) => extent.places(onPlane(ground, plane)).flatMap((to) => sent(to, plane))),
      ...among.flatMap((to) => sent(to, "business")),
      ...permitted(ground, pod, port),
      ...forged(ground, pod, pods, choose, most, port),
    ];
  });
  return [...toPods, ...fromPods];
}

/** A pod chooses no plane: outside has one address, and its node one way to it. */
const onPlane = ({ targets }: Ground, plane: Plane): readonly Place[] =>
  targets[plane].filter(({ site }) => site !== undefined || plane === "business");

function podProbe(ground: Ground, pod: Pod, to: Target, plane: Plane, traffic: Traffic, port: PodPort): Probe {
  const probe: Probe = {
    ...{ kind: "flow", from: pod, to, plane, source: pod.address, expected: "stops" },
    ...{ ...traffic, sourcePort: traffic.protocol === "icmp" ? 0 : port(pod, to.node ? "to a pod" : undefined) },
  };
  return isForApplications(ground, probe, pod) ? { ...probe, expected: "passes" } : probe;
}

/** Of what its node may, a pod may what the business's flows say of its zone as a whole; to another pod, what they say of both ends as a whole. */
function isForApplications({ permitting }: Ground, probe: Probe, { zone, node }: Pod): boolean {
  // Its own node knows it by its own address, which no row has.
  if (probe.to.hosts?.includes(node.name)) return false;
  return permitting(questionOf(probe)).some(
    ({ source, from, to }) => source === "business" && from.label === zone && (!probe.to.node || to.label === zone),
  );
}

/** All that the zone's applications may. */
function permitted(ground: Ground, pod: Pod, port: PodPort): Probe[] {
  return aimsOf(ground)
    .map(({ to, plane, protocol, port: number }) => podProbe(ground, pod, to, plane, { protocol, port: number }, port))
    .filter(({ expected }) => expected === "passes");
}

/** As another pod, or as its own node. */
function forged(ground: Ground, pod: Pod, pods: readonly Pod[], choose: Choose, most: number, port: PodPort): Probe[] {
  const others = pods.filter((other) => other !== pod);
  return choose(aimsOf(ground), most).flatMap(({ to, plane, protocol, port: number }) =>
    [...choose(others, 1).map(({ address }) => address), pod.node.addresses[plane]].map((address): Probe => {
      const means = { forged: address };
      return {
        ...{ kind: "pod", from: pod, to, plane, protocol, port: number, source: pod.address, means },
        ...{ sourcePort: port(pod, means), expected: "stops" },
      };
    }),
  );
}
