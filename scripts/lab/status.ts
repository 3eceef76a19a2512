import Table from "cli-table3";
import pLimit from "p-limit";
import type { Host, Zone } from "../../environments/model/topology.ts";
import type { Step } from "../console/steps.ts";
import { askCore, coreOf, readingOf, type SiteCore, type Word } from "./core-status.ts";
import { gatewaysOf } from "./gateway-status.ts";
import { type Lab, requireLab } from "./instance.ts";
import { type LabContainer, labContainers, labTopology } from "./machines.ts";
import { greets } from "./ssh.ts";
import { waitFor } from "./wait.ts";

export interface HostStatus {
  readonly host: Host;
  /** As the engine says, or `missing`. */
  readonly machine: string;
  /** Running services and all services of the host. */
  readonly services: readonly [running: number, all: number];
  readonly ssh: boolean;
  /** Of a core host, a gateway and a worker: what its service says. */
  readonly word?: Word;
}

/** Sixteen were as quick, and on two cores database nodes then had no time for themselves and left their writer's role. */
const hostsAtOnce = 4;

/** Every host of the lab that is in service, as it is now. */
export async function readStatus(lab: Lab): Promise<HostStatus[]> {
  const zones = labTopology(lab).sites.flatMap((site) => site.zones);
  const containers = await labContainers(lab);
  const limit = pLimit(hostsAtOnce);
  const statusIn = async (zone: Zone, host: Host): Promise<HostStatus> => {
    const status = statusOf(host, containers);
    const reading = readingOf(host, zone);
    if (status.machine !== "running") return { ...status, ssh: false, ...(reading && { word: { says: "", isWell: false } }) };
    const [ssh, word] = await Promise.all([greets(host, lab.sshPort, 3), reading && askCore(lab, host, reading)]);
    return { ...status, ssh, ...(word && { word }) };
  };
  return await Promise.all(
    zones.flatMap((zone) => zone.hosts.filter(({ inService }) => inService).map((host) => limit(() => statusIn(zone, host)))),
  );
}

/** What the engine's list says of a host. */
export function statusOf(host: Host, containers: readonly LabContainer[]): Omit<HostStatus, "ssh"> {
  const own = containers.filter((container) => container.host === host.name);
  const services = own.filter((container) => !container.isMachine);
  const running = services.filter(({ state }) => state === "running").length;
  return { host, machine: own.find(({ isMachine }) => isMachine)?.state ?? "missing", services: [running, services.length] };
}

export const isWell = ({ machine, ssh, services: [running, all], word }: HostStatus): boolean =>
  machine === "running" && ssh && running === all && (word?.isWell ?? true);

const coresOf = (hosts: readonly HostStatus[]): SiteCore[] =>
  [...new Set(hosts.map(({ host }) => host.site))].map((site) => coreOf(site, hosts));

/** Every host is well, and so are each zone's gateways and the core of each site. */
export const isAllWell = (hosts: readonly HostStatus[]): boolean =>
  hosts.every(isWell) && [...coresOf(hosts), ...gatewaysOf(hosts)].every((one) => one.isWell);

/** Seconds that a database takes at the most to find itself again after all its hosts were off. */
const patienceSeconds = 240;

/**
 * After an `up`: services that were off, because the machine was, take a while to be well again. The last look is what the
 * command prints and judges: one more would ask a busy machine again.
 */
export const wellStep = (signal: AbortSignal, seen: (hosts: readonly HostStatus[]) => void): Step => ({
  title: "gateways and nodes of each zone; the core of each site: database, balancers, control plane",
  run: async (report) => {
    let hosts: readonly HostStatus[] = [];
    const well = await waitFor(async () => {
      signal.throwIfAborted();
      hosts = await readStatus(requireLab());
      const [first, ...others] = hosts.filter((host) => !isWell(host));
      if (first)
        report(
          `waiting for ${first.host.name}${others.length > 0 ? ` and ${others.length} more` : ""}: ${first.word?.says ?? ""}`,
        );
      return isAllWell(hosts);
    }, patienceSeconds);
    seen(hosts);
    return well ? "well" : `not well after ${patienceSeconds} s`;
  },
});

/** The table stays readable; a host's own page says the rest. */
const shortened = (text: string, most = 48): string => (text.length > most ? `${text.slice(0, most - 1)}…` : text);

export function renderStatus(lab: Pick<Lab, "id" | "dockerHost">, hosts: readonly HostStatus[]): string {
  const style = { head: [], border: [], compact: true };
  const table = new Table({
    head: ["host", "site", "zone", "role", "management", "machine", "services", "SSH", "says"],
    style,
  });
  for (const { host, machine, services, ssh, word } of hosts)
    table.push([
      ...[host.name, host.site, host.zone, host.role, host.addresses.management, machine],
      ...[`${services[0]} of ${services[1]}`, ssh ? "answers" : "silent", shortened(word?.says ?? "")],
    ]);
  const cores = new Table({ head: ["core of", "database", "balancers", "control plane", ""], style });
  for (const { site, database, balancers, controlPlane, isWell: well } of coresOf(hosts))
    cores.push([site, database, balancers, controlPlane, well ? "well" : "not well"]);
  const gateways = new Table({ head: ["gateways of", "", ""], style });
  for (const { zone, says, isWell: well } of gatewaysOf(hosts)) gateways.push([zone, says, well ? "well" : "not well"]);
  const well = hosts.filter(isWell).length;
  return `${table.toString()}\n${gateways.toString()}\n${cores.toString()}\nlab ${lab.id} on ${lab.dockerHost}: ${well} of ${hosts.length} hosts are well`;
}
