import { cpus } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import Table from "cli-table3";
import type Docker from "dockerode";
import { clientOf } from "./daemon.ts";
import type { Lab } from "./instance.ts";
import { labContainers } from "./machines.ts";

/** What a container has used since it started, and what it holds. */
export interface Reading {
  readonly cpuSeconds: number;
  readonly memoryBytes: number;
}

/** What all containers of a kind cost together. */
export interface Usage {
  /** As in `kube-apiserver`; `machine` for what stands for a host, with its packet filter, SSH, and of a node kubelet and its pods. */
  readonly kind: string;
  readonly count: number;
  readonly cores: number;
  readonly memoryBytes: number;
}

/** Between two readings of the same containers; what started or ended meanwhile is left out. */
export function usageOf(
  kinds: ReadonlyMap<string, string>,
  before: ReadonlyMap<string, Reading>,
  after: ReadonlyMap<string, Reading>,
  seconds: number,
): Usage[] {
  const read = [...kinds].flatMap(([id, kind]) => {
    const [first, last] = [before.get(id), after.get(id)];
    return first && last ? [{ kind, cores: (last.cpuSeconds - first.cpuSeconds) / seconds, memoryBytes: last.memoryBytes }] : [];
  });
  return [...Map.groupBy(read, ({ kind }) => kind)]
    .map(([kind, all]) => ({
      kind,
      count: all.length,
      cores: all.reduce((sum, { cores }) => sum + cores, 0),
      memoryBytes: all.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0),
    }))
    .toSorted((a, b) => b.cores - a.cores || (a.kind < b.kind ? -1 : 1));
}

/** Reads all of the lab's running containers twice. */
export async function readUsage(lab: Pick<Lab, "id" | "dockerHost">, seconds: number): Promise<Usage[]> {
  const docker = clientOf(lab.dockerHost);
  const kinds = new Map(
    (await labContainers(lab))
      .filter(({ state }) => state === "running")
      .map(({ id, isMachine, service }) => [id, isMachine ? "machine" : service]),
  );
  const began = performance.now();
  const before = await readingsOf(docker, [...kinds.keys()]);
  await delay(seconds * 1000);
  const after = await readingsOf(docker, [...kinds.keys()]);
  return usageOf(kinds, before, after, (performance.now() - began) / 1000);
}

async function readingsOf(docker: Docker, ids: readonly string[]): Promise<Map<string, Reading>> {
  const readings = await Promise.all(
    ids.map(async (id): Promise<[string, Reading] | undefined> => {
      const stats = await docker
        .getContainer(id)
        .stats({ stream: false, "one-shot": true })
        .catch(() => undefined);
      if (!stats?.memory_stats.usage) return undefined;
      // What the kernel keeps of files goes when somebody needs the room (docker stats counts it so too).
      const { usage, stats: of } = stats.memory_stats;
      const kept = of.inactive_file ?? 0;
      return [id, { cpuSeconds: stats.cpu_stats.cpu_usage.total_usage / 1e9, memoryBytes: usage - kept }];
    }),
  );
  return new Map(readings.filter((reading) => reading !== undefined));
}

const mebibytes = (bytes: number): string => Math.round(bytes / 2 ** 20).toLocaleString("en");

export function renderUsage(usages: readonly Usage[], seconds: number): string {
  const table = new Table({
    head: ["what", "containers", "cores", "memory in MiB"],
    colAligns: ["left", "right", "right", "right"],
    style: { head: [], border: [], compact: true },
  });
  const all = {
    kind: "in all",
    count: usages.reduce((sum, { count }) => sum + count, 0),
    cores: usages.reduce((sum, { cores }) => sum + cores, 0),
    memoryBytes: usages.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0),
  };
  for (const { kind, count, cores, memoryBytes } of [...usages, all])
    table.push([kind, String(count), cores.toFixed(3), mebibytes(memoryBytes)]);
  return `${table.toString()}\nover ${seconds} s, on ${cpus().length} cores; Docker's own processes are not in it`;
}
