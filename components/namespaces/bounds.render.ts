import type { Host } from "../../environments/model/topology.ts";

/** Parts of the nodes' room: the zone's applications, what the zone itself needs and what answers claims; the rest is the nodes' own. */
const shares = { applications: 0.75, system: 0.15, storage: 0.05 } as const;

/**
 * What a namespace may ask for in all: its share of the zone's workers. Applications leave room for a worker that is gone; of what the zone itself needs there
 * is a part on each, and one more while they change. No more ways in than
 * the table of flows has, and no balancers.
 */
export function quotaOf(
  workers: readonly Host[],
  share: keyof typeof shares,
  nodePorts: number,
): Readonly<Record<string, string>> {
  const counted = share === "applications" ? Math.max(1, workers.length - 1) : workers.length;
  const size = workers[0]?.size ?? { cpus: 0, memoryGib: 0 };
  const cpuMilli = Math.floor(size.cpus * counted * shares[share] * 1000);
  const memoryMib = Math.floor(size.memoryGib * 1024 * counted * shares[share]);
  return {
    "limits.memory": `${memoryMib}Mi`,
    pods: String(100 * workers.length),
    "requests.cpu": `${cpuMilli}m`,
    "requests.memory": `${memoryMib}Mi`,
    "services.loadbalancers": "0",
    "services.nodeports": String(nodePorts),
  };
}

/** For containers that ask for nothing themselves. No limit of processor time by default: it slows down what has room. */
export const containerDefaults = {
  type: "Container",
  default: { memory: "128Mi" },
  defaultRequest: { cpu: "20m", memory: "64Mi" },
} as const;
