import { randomInt } from "node:crypto";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { writeWhole } from "../../console/files.ts";
import { interruptSignal, paced, type Report, runSteps, type Step } from "../../console/steps.ts";
import { withTemporaryDirectory } from "../../console/temporary-directory.ts";
import { configurationDigest } from "../digest.ts";
import { type Lab, requireLab } from "../instance.ts";
import { findSite, labTopology } from "../machines.ts";
import { withLabLock } from "../up.ts";
import { attackProbes } from "./attacks.ts";
import { clear, look, prepare, type Station, stationsOf, surroundingsOf } from "./field.ts";
import { type Evidence, findingsOf, type Verdict, verdictsOn } from "./judge.ts";
import { allFlowProbes, type Ground, groundOf, someFlowProbes, untriedRows } from "./plan.ts";
import { keyOf, type Probe } from "./probes.ts";
import { chooser } from "./random.ts";
import { type Proof, renderMarkdown, renderProof } from "./report.ts";
import { type Pace, type Sent, send } from "./senders.ts";

export interface IsolationOptions {
  /** All pairs and ports in the place of a sample. */
  readonly full: boolean;
  /** Of what is chosen at random. */
  readonly seed?: number;
  /** Only between the hosts of this site. */
  readonly site?: string;
}

const pace: Pace = { patienceMs: 1_500, atOnce: 400 };
/** What may pass and did not is tried again, slowly: a busy machine loses packets too. */
const calm: Pace = { patienceMs: 4_000, atOnce: 20 };
const rounds = 2;

/** Attackers of each zone, and how often each of them tries each attack. */
const attackSizes = { short: { attackers: 1, most: 3 }, full: { attackers: Number.POSITIVE_INFINITY, most: 12 } } as const;

/** Sends real packets from all hosts of the lab, and compares what came of them with the table. True when nothing leaked and nothing is missing. */
export async function proveIsolation(options: IsolationOptions, say: (line: string) => void): Promise<boolean> {
  const signal = interruptSignal();
  const seed = options.seed ?? randomInt(2 ** 31);
  const startedAt = new Date().toISOString();
  const start = performance.now();
  const lab = requireLab();
  const topology = labTopology(lab);
  const ground = groundOf(topology, options.site === undefined ? [] : [findSite(topology, options.site).name]);
  say(`seed ${seed}`);
  return await withLabLock("isolation", () =>
    withTemporaryDirectory(async (directory) => {
      let stations: Station[] = [];
      let probes: readonly Probe[] = [];
      let verdicts: readonly Verdict[] = [];
      const steps: Step[] = [
        {
          title: "what is tried, and observers on the hosts",
          run: async (report) => {
            report("looking for what an earlier proof left");
            stations = await stationsOf(lab, ground.hosts);
            await clear(lab, stations);
            probes = planOf(ground, lab, stations, options.full, seed);
            report("placing the observers");
            await prepare(lab, stations, probes);
            return `${probes.length} packets and connections from ${stations.length} hosts`;
          },
        },
        {
          title: "packets",
          run: async (report) => {
            verdicts = await tryAll({ lab, stations, directory, signal }, probes, report);
            return `${findingsOf(verdicts).length} findings`;
          },
        },
      ];
      try {
        await runSteps(steps);
      } catch (error) {
        throw signal.aborted ? signal.reason : error;
      } finally {
        await clear(lab, stations);
      }
      const proof: Proof = {
        ...{ ground, form: options.full ? "all pairs" : "a sample", seed, startedAt, verdicts },
        ...{ seconds: (performance.now() - start) / 1000, digest: await configurationDigest(lab, topology) },
        untriedRows: untriedRows(ground, probes),
      };
      const file = join(lab.directory, "isolation", `${startedAt.replaceAll(":", "").slice(0, 17)}.md`);
      writeWhole(file, renderMarkdown(proof));
      say(renderProof(proof));
      say(`\nWritten to ${file}`);
      return findingsOf(verdicts).length === 0;
    }),
  );
}

function planOf(ground: Ground, lab: Lab, stations: readonly Station[], isFull: boolean, seed: number): Probe[] {
  const choose = chooser(seed);
  const flows = isFull ? allFlowProbes(ground) : someFlowProbes(ground, choose);
  const size = isFull ? attackSizes.full : attackSizes.short;
  const attacks = attackProbes(ground, surroundingsOf(lab, ground.topology, stations), choose, size);
  // Twice the same packet proves nothing more.
  return [...new Map([...flows, ...attacks].map((probe) => [`${probe.from.name} ${keyOf(probe)}`, probe])).values()];
}

type Surroundings = Parameters<typeof send>[0];

async function tryAll(surroundings: Surroundings, probes: readonly Probe[], report: Report): Promise<Verdict[]> {
  const { lab, stations } = surroundings;
  const progress = paced(report);
  const sent: Sent = { answered: new Set(), failed: new Map() };
  const all = probes.map((probe, id) => ({ id, probe }));
  let open = all;
  let verdicts: Verdict[] = [];
  for (let round = 0; round <= rounds && open.length > 0; round += 1) {
    const again = round === 0 ? "" : `, again ${open.length} that may pass`;
    const { answered, failed } = await send(surroundings, open, round === 0 ? pace : calm, (count) =>
      progress(`${count} of ${open.length} sent${again}`),
    );
    for (const { id } of open) sent.failed.delete(id);
    for (const id of answered) sent.answered.add(id);
    for (const [id, problem] of failed) sent.failed.set(id, problem);
    // What was sent last may still be on its way through the machine.
    await pause(pace.patienceMs);
    const seen: Evidence["seen"] = await look(lab, stations, (text) => progress(`reading what arrived: ${text}`));
    verdicts = verdictsOn(probes, { ...sent, seen });
    open = all.filter(({ id }) => ["missing", "untried"].includes(verdicts[id]?.outcome ?? ""));
  }
  return verdicts;
}
