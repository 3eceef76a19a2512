import Table from "cli-table3";
import pLimit from "p-limit";
import type { Host } from "../../environments/model/topology.ts";
import type { Lab } from "./instance.ts";
import { hostsOf, type LabContainer, labContainers, labTopology } from "./machines.ts";
import { greets } from "./ssh.ts";

export interface HostStatus {
  readonly host: Host;
  /** As the engine says, or `missing`. */
  readonly machine: string;
  /** Running services and all services of the host. */
  readonly services: readonly [running: number, all: number];
  readonly ssh: boolean;
}

/** Every host of the lab as it is now, but for those that are out of service. */
export async function readStatus(lab: Lab): Promise<HostStatus[]> {
  const hosts = hostsOf(labTopology(lab)).filter(({ inService }) => inService);
  const containers = await labContainers(lab);
  const limit = pLimit(16);
  return await Promise.all(
    hosts.map((host) =>
      limit(async () => {
        const status = statusOf(host, containers);
        return { ...status, ssh: status.machine === "running" && (await greets(host, lab.sshPort, 3)) };
      }),
    ),
  );
}

/** What the engine's list says of a host. */
export function statusOf(host: Host, containers: readonly LabContainer[]): Omit<HostStatus, "ssh"> {
  const own = containers.filter((container) => container.host === host.name);
  const services = own.filter((container) => !container.isMachine);
  const running = services.filter(({ state }) => state === "running").length;
  return { host, machine: own.find(({ isMachine }) => isMachine)?.state ?? "missing", services: [running, services.length] };
}

export const isWell = ({ machine, ssh, services: [running, all] }: HostStatus): boolean =>
  machine === "running" && ssh && running === all;

export function renderStatus(lab: Pick<Lab, "id" | "dockerHost">, hosts: readonly HostStatus[]): string {
  const table = new Table({
    head: ["host", "site", "zone", "role", "management", "machine", "services", "SSH"],
    style: { head: [], border: [], compact: true },
  });
  for (const { host, machine, services, ssh } of hosts)
    table.push([
      host.name,
      host.site,
      host.zone,
      host.role,
      host.addresses.management,
      machine,
      `${services[0]} of ${services[1]}`,
      ssh ? "answers" : "silent",
    ]);
  const well = hosts.filter(isWell).length;
  return `${table.toString()}\nlab ${lab.id} on ${lab.dockerHost}: ${well} of ${hosts.length} hosts are well`;
}
