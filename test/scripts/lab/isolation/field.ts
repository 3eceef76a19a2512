import { type Plane, planes } from "../../../../environments/model/topology.ts";
import type { Surroundings } from "../../../../scripts/lab/isolation/attacker.ts";
import { groundOf, zonesOf } from "../../../../scripts/lab/isolation/plan.ts";
import type { Pod } from "../../../../scripts/lab/isolation/probes.ts";
import { labTopology } from "../../../../scripts/lab/machines.ts";

// The lab's ground as a plan sees it, on a machine that nobody has.

export const ground = groundOf(labTopology({ slot: 0 }));

const onPlanes = (text: (plane: Plane) => string): Record<Plane, string> =>
  Object.fromEntries(planes.map((plane) => [plane, text(plane)])) as Record<Plane, string>;

export const surroundings: Surroundings = {
  hardware: Object.fromEntries(
    ground.hosts.map(({ name }, index) => [name, onPlanes((plane) => `02:42:0a:4d:${plane.length}:${index.toString(16)}`)]),
  ),
  bridges: Object.fromEntries(
    zonesOf(ground.topology).map(({ site, name }) => [`${site}-${name}`, onPlanes(() => "02:42:00:00:00:01")]),
  ),
  machine: ["172.17.0.1", "10.77.111.9"],
};

/** Two pods on one node, and one in another zone. */
export const pods: readonly Pod[] = (
  [
    ["dc1-platform-wk1", "a", "10.244.16.5"],
    ["dc1-platform-wk1", "b", "10.244.16.6"],
    ["dc1-policy-wk1", "a", "10.244.64.5"],
  ] as const
).map(([nodeName, letter, address]) => {
  const node = ground.hosts.find(({ name }) => name === nodeName);
  if (!node) throw new Error(nodeName);
  return { name: `${nodeName}-${letter}`, site: node.site, zone: node.zone, role: "pod", address, node };
});
