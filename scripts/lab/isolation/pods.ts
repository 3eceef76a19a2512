import { nodePortsOf } from "../../../environments/model/flows/applications.ts";
import type { Host } from "../../../environments/model/topology.ts";
import { UserError } from "../../console/errors.ts";
import { runTool } from "../../console/log.ts";
import type { Lab } from "../instance.ts";
import type { Administrator } from "../kubectl.ts";
import { addressesIn } from "../links.ts";
import { runIn } from "../run-in.ts";
import { samplePod } from "../sample-pod.ts";
import { waitFor } from "../wait.ts";
import type { HostStation, Station } from "./field.ts";
import { nodePortService, renderHandsOn } from "./node-ports.ts";
import { type Ground, zonesOf } from "./plan.ts";
import type { Pod, Traffic } from "./probes.ts";

// Pods that send and receive in a proof, and services in front of them: placed before it, taken away after it.

/** The pods' label. */
const app = "tandem-isolation";
const ours = ["--all-namespaces", `--selector=app=${app}`];

/** Two on each node, so that some share one and some don't. */
const podsOfNode = ["a", "b"] as const;
const patienceSeconds = 120;

/** By site. */
export type Administrators = ReadonlyMap<string, Administrator>;

const ask = ({ program, env }: Administrator, words: readonly string[], input?: string): Promise<string> =>
  runTool(program, words, { env, ...(input !== undefined && { input }) });

/** Sites of the ground whose clusters have nodes there. */
export const sitesWithNodes = (ground: Ground): string[] => [...new Set(nodesOf(ground).map(({ site }) => site))];

/** Hosts that run pods. */
function nodesOf({ topology, hosts }: Ground): Host[] {
  const zones = topology.sites.flatMap((site) => site.zones).filter(({ hasNodes }) => hasNodes);
  return hosts.filter(({ role, site, zone }) => role === "worker" && zones.some((one) => one.site === site && one.name === zone));
}

/** Pods on each node of the ground, when all of them serve; what an earlier proof left is gone before. */
export async function placePods(ground: Ground, administrators: Administrators): Promise<Pod[]> {
  await removePods(administrators);
  const nodes = nodesOf(ground);
  const placed = [...administrators].map(async ([site, administrator]): Promise<Pod[]> => {
    const own = nodes.filter((node) => node.site === site);
    const items = own.flatMap((node) =>
      podsOfNode.map((letter) =>
        samplePod(podName(node, letter), node.zone, app, { nodeSelector: { "kubernetes.io/hostname": node.name } }),
      ),
    );
    const ports = new Map(
      zonesOf(ground.topology).flatMap((zone) => (zone.site === site ? [[zone.name, nodePortsOf(ground.table, zone)]] : [])),
    );
    const portsOf = (zone: string): readonly Traffic[] => ports.get(zone) ?? [];
    const services = [...new Set(own.map(({ zone }) => zone))].flatMap((zone) =>
      portsOf(zone).length > 0 ? [nodePortService(app, zone, app, portsOf(zone))] : [],
    );
    const list = { apiVersion: "v1", kind: "List", items: [...items, ...services] };
    await ask(administrator, ["create", "--filename=-"], JSON.stringify(list));
    let addresses = new Map<string, string>();
    // The next API server may be a moment behind the one that made them, so each is waited for by its name.
    const allServe = await waitFor(async () => {
      addresses = servingIn(await ask(administrator, ["get", "pods", ...ours, listed]));
      return addresses.size === items.length;
    }, patienceSeconds);
    if (!allServe) throw new UserError(`${site}: of ${items.length} pods ${addresses.size} serve after ${patienceSeconds} s`);
    return own.flatMap((node) =>
      podsOfNode.map((letter): Pod => {
        const { site: of, zone } = node;
        const name = podName(node, letter);
        const address = addresses.get(name);
        if (address === undefined) throw new UserError(`pod ${name} of ${node.name}: it has no address though it is ready`);
        return { name, site: of, zone, role: "pod", address, node };
      }),
    );
  });
  return (await Promise.all(placed)).flat();
}

const podName = ({ name }: Host, letter: string): string => `${app}-${name}-${letter}`;

/** A line a pod: its name, its address, and whether it is ready. */
const listed =
  '--output=jsonpath={range .items[*]}{.metadata.name} {.status.podIP} {.status.conditions[?(@.type=="Ready")].status}{"\\n"}{end}';

/** Addresses of the pods that are ready, by name. */
const servingIn = (lines: string): Map<string, string> =>
  new Map([...lines.matchAll(/^(\S+) (\S+) True$/gm)].map(([, name = "", address = ""]) => [name, address]));

/** Also those of a proof that was killed. A cluster that is busy with a failover may refuse for a while: it is asked again. */
export async function removePods(administrators: Administrators): Promise<void> {
  const words = ["delete", "pods,services", ...ours, "--ignore-not-found", `--timeout=${patienceSeconds}s`];
  const removed = [...administrators.values()].map(async (one) => {
    let problem: unknown;
    const areGone = await waitFor(
      () =>
        ask(one, words).then(
          () => true,
          (error: unknown) => {
            problem = error;
            return false;
          },
        ),
      patienceSeconds,
    );
    if (!areGone) throw problem;
  });
  await Promise.all(removed);
}

/** Until every node hands on to its pods what comes by a port of its own that the table opens. */
export async function nodePortsServe(lab: Lab, ground: Ground, stations: readonly HostStation[]): Promise<void> {
  const nodes = nodesOf(ground);
  const waiting = stations.map(async ({ sender, container }) => {
    const zone = zonesOf(ground.topology).find(({ site, name }) => site === sender.site && name === sender.zone);
    const ports = zone && nodes.includes(sender) ? nodePortsOf(ground.table, zone) : [];
    if (ports.length === 0) return;
    const serves = (): Promise<boolean> =>
      runIn(lab, container, ["sh", "-c", renderHandsOn(ports)], "0").then(
        () => true,
        () => false,
      );
    if (!(await waitFor(serves, patienceSeconds)))
      throw new UserError(`${sender.name}: its kube-proxy hands nothing on to the proof's pods after ${patienceSeconds} s`);
  });
  await Promise.all(waiting);
}

/** Each network that containerd made on a node, with what it has of addresses. */
const networksOfPods = 'for one in /run/netns/*; do echo "$one $(nsenter --net=$one ip -json -4 address)"; done';

/** Pods' networks, found on their nodes by the pods' addresses. */
export async function podStations(lab: Lab, pods: readonly Pod[], nodes: readonly HostStation[]): Promise<Station[]> {
  const found = nodes.map(async ({ sender, container, pid }): Promise<Station[]> => {
    const own = pods.filter(({ node }) => node === sender);
    if (own.length === 0) return [];
    const networks = (await runIn(lab, container, ["sh", "-c", networksOfPods], "0")).split("\n").flatMap((line) => {
      const [, file = "", addresses] = /^(\S+) (.+)$/.exec(line) ?? [];
      return addresses ? [{ file, addresses: addressesIn(addresses) }] : [];
    });
    return own.map((pod) => {
      const network = networks.find(({ addresses }) => addresses.includes(pod.address));
      if (!network) throw new UserError(`pod ${pod.name}: ${sender.name} has no network with its address ${pod.address}`);
      const { file } = network;
      return { sender: pod, container, network: `/proc/${pid}/root${file}`, enter: ["nsenter", `--net=${file}`] };
    });
  });
  return (await Promise.all(found)).flat();
}
