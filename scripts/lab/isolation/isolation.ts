import { randomInt } from "node:crypto";
import { join } from "node:path";
import type { Zone } from "../../../environments/model/topology.ts";
import { writeWhole } from "../../console/files.ts";
import { interruptSignal, runSteps, type Step } from "../../console/steps.ts";
import { withTemporaryDirectory } from "../../console/temporary-directory.ts";
import { configurationDigest } from "../digest.ts";
import { type Lab, requireLab } from "../instance.ts";
import { type Administrator, administratorOf } from "../kubectl.ts";
import { findSite, hostsOf, labTopology } from "../machines.ts";
import { withLabLock } from "../up.ts";
import type { Surroundings } from "./attacker.ts";
import { attackProbes } from "./attacks.ts";
import { failOver, healed } from "./failing-gateway.ts";
import { failoverProbes } from "./failover-probes.ts";
import { clear, prepare, runningStations, type Station, stationsOf, surroundingsOf } from "./field.ts";
import { findingsOf, type Verdict } from "./judge.ts";
import { withOutside } from "./outside.ts";
import { placeOutside, removeOutside } from "./outside-stations.ts";
import { allFlowProbes, type Ground, gatewaysOf, groundOf, someFlowProbes, untriedRows, zonesOf } from "./plan.ts";
import { allPodProbes, somePodProbes } from "./pod-probes.ts";
import { nodePortsServe, placePods, podStations, removePods, sitesWithNodes } from "./pods.ts";
import { keyOf, type Pod, type Probe } from "./probes.ts";
import { type Choose, chooser } from "./random.ts";
import { type Proof, renderMarkdown, renderProof } from "./report.ts";
import { sourcePorts } from "./source-ports.ts";
import { conclude, nothingTried, sendAll } from "./trial.ts";

export interface IsolationOptions {
  /** All pairs and ports in the place of a sample. */
  readonly full: boolean;
  /** Of what is chosen at random. */
  readonly seed?: number;
  /** Only between the hosts of this site. */
  readonly site?: string;
}

/** Attackers of each zone, and how often each of them tries each attack. */
const attackSizes = { short: { attackers: 1, most: 3 }, full: { attackers: Number.POSITIVE_INFINITY, most: 12 } } as const;

/** Sends real packets from all hosts of the lab, and compares what came of them with the table. True when nothing leaked and nothing is missing. */
export async function proveIsolation(options: IsolationOptions, say: (line: string) => void): Promise<boolean> {
  const signal = interruptSignal();
  const seed = options.seed ?? randomInt(2 ** 31);
  const startedAt = new Date();
  const lab = requireLab();
  const topology = labTopology(lab);
  const ground = withOutside(groundOf(topology, options.site === undefined ? [] : [findSite(topology, options.site).name]));
  say(`seed ${seed}`);
  return await withLabLock("isolation", async () => {
    const { probes, verdicts } = await withTemporaryDirectory((directory) =>
      tryAll({ lab, ground, directory, signal }, options.full, seed),
    );
    const proof: Proof = {
      ...{ ground, form: options.full ? "all pairs" : "a sample", seed, verdicts, untriedRows: untriedRows(ground, probes) },
      ...{ startedAt: startedAt.toISOString(), seconds: (Date.now() - startedAt.getTime()) / 1000 },
      digest: await configurationDigest(lab, topology),
    };
    const file = join(lab.directory, "isolation", `${proof.startedAt.replaceAll(":", "").slice(0, 17)}.md`);
    writeWhole(file, renderMarkdown(proof));
    say(`${renderProof(proof)}\n\nWritten to ${file}`);
    return findingsOf(verdicts).length === 0;
  });
}

interface Field {
  readonly lab: Lab;
  readonly ground: Ground;
  readonly directory: string;
  readonly signal: AbortSignal;
}

/** All that is sent, and what came of it. The hosts are as they were, also when this ends early. */
async function tryAll(
  { lab, ground, directory, signal }: Field,
  isFull: boolean,
  seed: number,
): Promise<{ readonly probes: readonly Probe[]; readonly verdicts: readonly Verdict[] }> {
  const faults = await healed(lab, hostsOf(ground.topology));
  const hosts = await stationsOf(lab, ground.hosts);
  await clear(lab, hosts);
  const administrators = new Map<string, Administrator>();
  for (const site of sitesWithNodes(ground)) administrators.set(site, await administratorOf(site, directory));
  const failing = failingZones(ground, chooser(seed), isFull);
  const stations: Station[] = [...hosts];
  const surroundings = { lab, stations, directory, signal, faults };
  const tried = nothingTried();
  let probes: readonly Probe[] = [];
  let verdicts: readonly Verdict[] = [];
  const placed: Step = {
    title: "pods on the nodes, and the networks outside",
    run: async () => {
      stations.push(...(await placeOutside(lab, ground)));
      const pods = await placePods(ground, administrators);
      await nodePortsServe(lab, ground, hosts);
      stations.push(...(await podStations(lab, pods, hosts)));
      probes = planOf({ ground, pods, surroundings: surroundingsOf(lab, ground.topology, hosts), failing }, isFull, seed);
      return `${pods.length} serve`;
    },
  };
  const observers: Step = {
    title: "observers on hosts and pods",
    run: async () => {
      await prepare(lab, stations, probes);
      return `${probes.length} packets and connections from ${stations.length} hosts and pods`;
    },
  };
  const packets: Step = {
    title: "packets",
    run: (report) => sendAll(surroundings, probes, tried, report).then(() => "sent"),
  };
  const failures = failing.map(
    (zone): Step => ({
      title: `a gateway of ${zone.site}-${zone.name} loses its power`,
      run: async (report) => {
        const again = await failOver(surroundings, zone, probes, tried, report);
        stations.splice(
          stations.findIndex(({ sender }) => sender === again.sender),
          1,
          again,
        );
        return `${again.sender.name} is back`;
      },
    }),
  );
  const arrivals: Step = {
    title: "what arrived",
    run: async (report) => {
      verdicts = await conclude(surroundings, probes, tried, report);
      return `${findingsOf(verdicts).length} findings`;
    },
  };
  try {
    await runSteps([placed, observers, packets, ...failures, arrivals]);
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  } finally {
    try {
      await Promise.all([removePods(administrators), removeOutside(lab, ground.outsiders)]);
    } finally {
      // A gateway that failed has another network since.
      await clear(lab, await runningStations(lab, ground.hosts));
    }
  }
  return { probes, verdicts };
}

/** Zones whose gateways fail: one by chance, or all. */
const failingZones = ({ topology, hosts }: Ground, choose: Choose, isFull: boolean): Zone[] => {
  const whole = zonesOf(topology).filter(
    (zone) => gatewaysOf(zone).length === 2 && gatewaysOf(zone).every((gateway) => hosts.includes(gateway)),
  );
  return isFull ? whole : choose(whole, 1);
};

interface Plot {
  readonly ground: Ground;
  readonly pods: readonly Pod[];
  readonly surroundings: Surroundings;
  /** Zones of which a gateway fails. */
  readonly failing: readonly Zone[];
}

function planOf({ ground, pods, surroundings, failing }: Plot, isFull: boolean, seed: number): Probe[] {
  const choose = chooser(seed);
  const sourcePort = sourcePorts();
  const flows = isFull ? allFlowProbes(ground) : someFlowProbes(ground, choose);
  const size = isFull ? attackSizes.full : attackSizes.short;
  const attacks = attackProbes(ground, surroundings, choose, sourcePort, size);
  const toAndFromPods = (isFull ? allPodProbes : somePodProbes)(ground, pods, choose, size.most);
  const failovers = failing.flatMap((zone) => failoverProbes(ground, zone, choose, sourcePort));
  // Twice the same packet proves nothing more.
  const probes = new Map(
    [...flows, ...attacks, ...toAndFromPods, ...failovers].map((probe) => [`${probe.from.name} ${keyOf(probe)}`, probe]),
  );
  return [...probes.values()];
}
