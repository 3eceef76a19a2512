import type { Host, Zone } from "../../../environments/model/topology.ts";
import { UserError } from "../../console/errors.ts";
import type { Report } from "../../console/steps.ts";
import type { Ledger } from "../failover/actions.ts";
import { faultsOf } from "../failover/open-faults.ts";
import type { Lab } from "../instance.ts";
import { addressesIn } from "../links.ts";
import { runIn } from "../run-in.ts";
import { waitFor } from "../wait.ts";
import { type HostStation, look, prepare, type Station, stationsOf } from "./field.ts";
import { gatewaysOf } from "./plan.ts";
import type { Probe } from "./probes.ts";
import { type Numbered, type Pace, type Sent, type Surroundings, send } from "./senders.ts";
import { addTo, numbered, type Tried } from "./trial.ts";

// A gateway loses its power and gets it back, while its zone's hosts go on trying.

/** Short: a gateway's addresses move within a second. */
const hurried: Pace = { patienceMs: 500, atOnce: 200 };
const seconds = 30;

/** Heals what an earlier proof or drill left broken. */
export async function healed(lab: Lab, hosts: readonly Host[]): Promise<Ledger> {
  const faults = faultsOf(lab, hosts);
  const failed = await faults.undoAll();
  if (failed.length > 0) throw new UserError(`what an earlier run broke can't be repaired:\n${failed.join("\n")}`);
  return faults;
}

/**
 * Sends a zone's probes again and again, from before the gateway that holds the zone's addresses dies until it is back. Returns that gateway as it is
 * then: a machine that was started again has another network, and no observer.
 */
export async function failOver(
  surroundings: Surroundings & { readonly faults: Ledger },
  zone: Zone,
  probes: readonly Probe[],
  sent: Tried,
  report: Report,
): Promise<HostStation> {
  const { lab, stations, faults, signal } = surroundings;
  const pair = gatewaysOf(zone).flatMap((host) =>
    stations.filter(({ sender }) => sender === host).map((station) => ({ ...station, host })),
  );
  const [holder] = await holdersIn(lab, zone, pair);
  const other = pair.find((station) => station !== holder);
  if (!holder || !other)
    throw new UserError(`${zone.site}-${zone.name}: no gateway holds the zone's addresses; look: npm run lab -- status`);
  sent.seen.push(...(await look(lab, [holder], report)));
  let failed: string[] = [];
  const trying = tryUntil(
    surroundings,
    numbered(probes, (probe) => isOf(zone, probe)),
    sent,
  );
  try {
    report(`${holder.host.name} loses its power`);
    await faults.act({ kind: "power-off", host: holder.host.name });
    const isOver = async (): Promise<boolean> => signal.aborted || (await holdersIn(lab, zone, [other])).length > 0;
    if (!(await waitFor(isOver, seconds)))
      throw new UserError(`${other.host.name}: it does not take the zone's addresses over within ${seconds} s`);
    report(`${holder.host.name} comes back`);
  } finally {
    failed = await faults.undoAll();
    await trying.end();
  }
  if (failed.length > 0) throw new UserError(`the gateway does not come back:\n${failed.join("\n")}`);
  signal.throwIfAborted();
  const [again] = await stationsOf(lab, [holder.host]);
  if (!again) throw new Error(`${holder.host.name}: no station`);
  await prepare(lab, [again], probes);
  return again;
}

/** Tries all of them, over and over. */
function tryUntil(surroundings: Surroundings, probes: readonly Numbered[], sent: Sent): { readonly end: () => Promise<void> } {
  let hasEnded = false;
  const loop = async (): Promise<void> => {
    while (!hasEnded) addTo(sent, probes, await send(surroundings, probes, hurried, () => {}));
  };
  const running = loop();
  // Whoever waits for the end hears of it.
  running.catch(() => {});
  return {
    end: async () => {
      hasEnded = true;
      await running;
    },
  };
}

const isOf = ({ site, name }: Zone, { kind, from, to }: Probe): boolean =>
  kind === "failover" && [from, to].some((end) => end.site === site && end.zone === name);

const holdersIn = async <S extends Station>(lab: Lab, zone: Zone, pair: readonly S[]): Promise<S[]> => {
  const held = await Promise.all(
    pair.map(async (station) => addressesIn(await runIn(lab, station.container, ["ip", "-json", "address"], "0"))),
  );
  return pair.filter((_, index) => held[index]?.includes(zone.planes.business.gateway));
};
