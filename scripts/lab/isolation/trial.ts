import { setTimeout as pause } from "node:timers/promises";
import { paced, type Report } from "../../console/steps.ts";
import { look } from "./field.ts";
import { type Evidence, type Verdict, verdictsOn } from "./judge.ts";
import type { Probe } from "./probes.ts";
import { type Numbered, type Pace, type Sent, type Surroundings, send } from "./senders.ts";

const quick: Pace = { patienceMs: 1_500, atOnce: 400 };
/** What may pass and did not is tried again, slowly: a busy machine loses packets too. */
const calm: Pace = { patienceMs: 4_000, atOnce: 20 };
const rounds = 2;

/** What is known so far. */
export interface Tried extends Sent {
  /** What observers had seen that are not there any more. */
  readonly seen: Evidence["seen"][number][];
}

export const nothingTried = (): Tried => ({ answered: new Set(), failed: new Map(), seen: [] });

/** Adds what a later sending came to; what was sent then is no failure any more. */
export function addTo(sent: Sent, probes: readonly Numbered[], { answered, failed }: Sent): void {
  for (const { id } of probes) sent.failed.delete(id);
  for (const id of answered) sent.answered.add(id);
  for (const [id, problem] of failed) sent.failed.set(id, problem);
}

export const numbered = (probes: readonly Probe[], isWanted: (probe: Probe) => boolean): Numbered[] =>
  probes.flatMap((probe, id) => (isWanted(probe) ? [{ id, probe }] : []));

/** Sends all but what waits for a gateway to fail. */
export async function sendAll(surroundings: Surroundings, probes: readonly Probe[], sent: Sent, report: Report): Promise<void> {
  const progress = paced(report);
  const open = numbered(probes, ({ kind }) => kind !== "failover");
  addTo(sent, open, await send(surroundings, open, quick, (count) => progress(`${count} of ${open.length} sent`)));
}

/** Reads what arrived, tries again what is missing, and judges. */
export async function conclude(
  surroundings: Surroundings,
  probes: readonly Probe[],
  sent: Tried,
  report: Report,
): Promise<Verdict[]> {
  const { lab, stations } = surroundings;
  const progress = paced(report);
  for (let round = 0; ; round += 1) {
    // What was sent last may still be on its way through the machine.
    await pause(quick.patienceMs);
    const seen = await look(lab, stations, (text) => progress(`reading what arrived: ${text}`));
    const verdicts = verdictsOn(probes, { ...sent, seen: [...sent.seen, ...seen] });
    const open = verdicts.flatMap(({ probe, outcome }, id) =>
      outcome === "missing" || outcome === "untried" ? [{ id, probe }] : [],
    );
    if (open.length === 0 || round === rounds) return verdicts;
    addTo(
      sent,
      open,
      await send(surroundings, open, calm, (count) => progress(`again ${count} of ${open.length} that may pass`)),
    );
  }
}
