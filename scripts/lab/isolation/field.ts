import { readFileSync } from "node:fs";
import { networkInterfaces } from "node:os";
import pLimit from "p-limit";
import { labNames } from "../../../environments/model/lab.ts";
import { type Host, type Plane, planes, type Topology } from "../../../environments/model/topology.ts";
import { UserError } from "../../console/errors.ts";
import { runTool } from "../../console/log.ts";
import type { Report } from "../../console/steps.ts";
import { clientOf } from "../daemon.ts";
import type { Lab } from "../instance.ts";
import { runIn } from "../run-in.ts";
import type { Surroundings } from "./attacker.ts";
import type { Evidence } from "./judge.ts";
import { observerTable, readObserver, renderObserver, renderRemoval } from "./observer.render.ts";
import { zonesOf } from "./plan.ts";
import type { Outsider, Pod, Probe } from "./probes.ts";
import { renderWays, renderWaysRemoval } from "./ways.render.ts";

// The lab's hosts as places to send from and to look at, and what is changed on them for the time of a proof.

/** A host, a pod on one, or who plays the networks outside. */
export interface Station {
  readonly sender: Host | Pod | Outsider;
  /** The host's, or that of the pod's node. */
  readonly container: string;
  /** Its network's file, as the machine under the lab finds it. */
  readonly network: string;
  /** Words before a command in the container, which take it into the network. */
  readonly enter: readonly string[];
}

export interface HostStation extends Station {
  readonly sender: Host;
  /** The machine's first process, as the machine under the lab counts it. */
  readonly pid: number;
  /** By plane. */
  readonly hardware: Readonly<Record<Plane, string>>;
}

/** Commands on the engine at a time. */
const atOnce = 6;

const onEach = <T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> => {
  const limit = pLimit(atOnce);
  return Promise.all(items.map((item) => limit(() => work(item))));
};

/** Every host's machine; one that is off could not be proved anything about. */
export async function stationsOf(lab: Lab, hosts: readonly Host[]): Promise<HostStation[]> {
  const running = await runningStations(lab, hosts);
  const off = hosts.filter((host) => !running.some(({ sender }) => sender === host)).map(({ name }) => name);
  if (off.length > 0)
    throw new UserError(
      `${off.join(", ")}: not running, so nothing can be proved about ${off.length > 1 ? "them" : "it"}; run: npm run lab -- up, or power-on <host>`,
    );
  return running;
}

/** Of hosts that are off nothing is left to clear. */
export async function runningStations(lab: Lab, hosts: readonly Host[]): Promise<HostStation[]> {
  const docker = clientOf(lab.dockerHost);
  const found = await onEach(hosts, async (host): Promise<HostStation[]> => {
    const container = labNames.container(lab.id, host.name);
    const { State, NetworkSettings } = await docker
      .getContainer(container)
      .inspect()
      .catch(() => ({ State: undefined, NetworkSettings: undefined }));
    if (!State?.Running) return [];
    const networks = Object.values(NetworkSettings?.Networks ?? {});
    const hardware = Object.fromEntries(
      planes.map((plane) => [plane, networks.find(({ IPAddress }) => IPAddress === host.addresses[plane])?.MacAddress ?? ""]),
    ) as Record<Plane, string>;
    return [{ sender: host, container, pid: State.Pid, network: `/proc/${State.Pid}/ns/net`, enter: [], hardware }];
  });
  return found.flat();
}

export function surroundingsOf(lab: Lab, topology: Topology, stations: readonly HostStation[]): Surroundings {
  const numberOf = (name: string): number => topology.sites.find((site) => site.name === name)?.number ?? 0;
  const bridge = (site: string, vlan: number): string =>
    readFileSync(`/sys/class/net/${labNames.bridge(lab.slot, numberOf(site), vlan)}/address`, "utf8").trim();
  return {
    hardware: Object.fromEntries(stations.map(({ sender, hardware }) => [sender.name, hardware])),
    bridges: Object.fromEntries(
      zonesOf(topology).map((zone) => [
        `${zone.site}-${zone.name}`,
        Object.fromEntries(planes.map((plane) => [plane, bridge(zone.site, zone.planes[plane].vlan)])) as Record<Plane, string>,
      ]),
    ),
    machine: Object.values(networkInterfaces())
      .flatMap((addresses = []) => addresses)
      .flatMap(({ family, internal, address }) => (family === "IPv4" && !internal ? [address] : [])),
  };
}

const within = ({ network }: Station, words: readonly string[], input?: string): Promise<string> =>
  runTool("nsenter", [`--net=${network}`, ...words], input === undefined ? {} : { input });

const nftOn = (lab: Lab, { container, enter }: Station, words: readonly string[]): Promise<string> =>
  runIn(lab, container, [...enter, "nft", ...words], "0");

/** IPv6 is off on every host. That its checks for duplicates are off as well tells an interface that a proof switched on. */
const openIpv6 = "for one in /proc/sys/net/ipv6/conf/eth*; do echo 0 > $one/dad_transmits; echo 0 > $one/disable_ipv6; done";
const closeIpv6 =
  'for one in /proc/sys/net/ipv6/conf/eth*; do [ "$(cat $one/dad_transmits 2>/dev/null)" != 0 ] || { echo 1 > $one/disable_ipv6; echo 1 > $one/dad_transmits; }; done';

/** Takes back all that a proof changes on hosts, also what a killed one left. */
export async function clear(lab: Lab, stations: readonly HostStation[]): Promise<void> {
  const failed: string[] = [];
  await onEach(stations, async (station) => {
    try {
      await nftOn(lab, station, [renderRemoval]);
      await within(station, ["sh", "-c", `ip -force -batch - 2>/dev/null; ${closeIpv6}`], renderWaysRemoval);
    } catch (error) {
      failed.push(`${station.sender.name}: ${(error as Error).message}`);
    }
  });
  if (failed.length > 0)
    throw new UserError(
      `these hosts still have rules or routes of the proof; run it again, it clears them first:\n${failed.join("\n")}`,
    );
}

/** Makes stations observers and, those that send something unusual, able to. */
export async function prepare(lab: Lab, stations: readonly Station[], probes: readonly Probe[]): Promise<void> {
  const borrowed = [...new Set(probes.flatMap(({ means }) => means?.port ?? []))];
  const bySender = Map.groupBy(probes, ({ from }) => from.name);
  await onEach(stations, async (station) => {
    const own = bySender.get(station.sender.name) ?? [];
    await nftOn(lab, station, [renderObserver(own, borrowed)]);
    if (own.some(({ source }) => source === undefined)) await within(station, ["sh", "-c", openIpv6]);
    const ways = renderWays(own);
    if (ways.trim() !== "") await within(station, ["ip", "-batch", "-"], ways);
  });
}

/** What the observers wrote down. */
export const look = (lab: Lab, stations: readonly Station[], report: Report): Promise<Evidence["seen"]> => {
  let done = 0;
  return onEach(stations, async (station) => {
    const listing = await nftOn(lab, station, ["--json", "list", "table", ...observerTable.split(" ")]);
    done += 1;
    report(`${done} of ${stations.length} hosts and pods`);
    return { sender: station.sender, keys: readObserver(listing) };
  });
};
