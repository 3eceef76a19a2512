import pLimit from "p-limit";
import type { Lab } from "../instance.ts";
import { startProgram } from "../programs.ts";
import { runIn } from "../run-in.ts";
import { readEchoes, renderEchoes } from "./echoes.render.ts";
import type { Station } from "./field.ts";
import type { ProberLine, ProberSettings, ToSend } from "./prober.ts";
import type { Probe } from "./probes.ts";

// Sends probes from inside the hosts: a program a host for connections and datagrams, one command a host for echoes.

/**
 * Hosts that send at once. All machines of a lab share the kernel's table of neighbours, which has room for 1024 by default (gc_thresh3,
 * https://docs.kernel.org/networking/ip-sysctl.html).
 */
const hostsAtOnce = 8;

export interface Pace {
  /** Milliseconds without an answer after which nobody will. A second is what the kernel takes to send a connection's first packet again. */
  readonly patienceMs: number;
  /** Connections of a host at once. */
  readonly atOnce: number;
}

export interface Sent {
  readonly answered: Set<number>;
  readonly failed: Map<number, string>;
}

export interface Numbered {
  readonly id: number;
  readonly probe: Probe;
}

/** What all senders share. */
export interface Surroundings {
  readonly lab: Lab;
  readonly stations: readonly Station[];
  readonly directory: string;
  readonly signal: AbortSignal;
}

/** Sends all of them; `done` is told how many are. */
export async function send(
  { lab, stations, directory, signal }: Surroundings,
  probes: readonly Numbered[],
  pace: Pace,
  done: (count: number) => void,
): Promise<Sent> {
  const sent: Sent = { answered: new Set(), failed: new Map() };
  const bySender = Map.groupBy(probes, ({ probe }) => probe.from.name);
  const limit = pLimit(hostsAtOnce);
  let count = 0;
  const sendFrom = async (station: Station, own: readonly Numbered[]): Promise<void> => {
    signal.throwIfAborted();
    const [echoes = [], others = []] = [true, false].map((wanted) =>
      own.filter(({ probe }) => (probe.protocol === "icmp") === wanted),
    );
    await Promise.all([
      sendEchoes(lab, station, echoes, pace, sent),
      sendOthers(station, others, { pace, directory, signal }, sent),
    ]);
    count += own.length;
    done(count);
  };
  await Promise.all(stations.map((station) => limit(() => sendFrom(station, bySender.get(station.sender.name) ?? []))));
  return sent;
}

async function sendOthers(
  { sender, network }: Station,
  probes: readonly Numbered[],
  { pace, directory, signal }: { readonly pace: Pace; readonly directory: string; readonly signal: AbortSignal },
  { answered, failed }: Sent,
): Promise<void> {
  if (probes.length === 0) return;
  const settings: ProberSettings = { ...pace, send: probes.map(toSend) };
  const program = startProgram<ProberLine>("isolation/prober", settings, {
    directory,
    name: `prober-${sender.name.replace("/", "-")}`,
    network,
    yields: true,
  });
  const stop = (): void => void program.end();
  signal.addEventListener("abort", stop);
  await program.ended;
  signal.removeEventListener("abort", stop);
  signal.throwIfAborted();
  const isWhole = program.lines.some((line) => "sent" in line && line.sent === probes.length);
  for (const line of program.lines)
    if ("answered" in line) answered.add(line.id);
    else if ("failed" in line) failed.set(line.id, line.failed);
  // Who can't say that it tried all has proved nothing.
  if (!isWhole) for (const { id } of probes) failed.set(id, "the sender ended early; its log says why");
}

function toSend({ id, probe: { protocol, source, sourcePort, to, port } }: Numbered): ToSend {
  return {
    id,
    protocol: protocol === "udp" ? "udp" : "tcp",
    ...(source !== undefined && { source }),
    sourcePort,
    address: to.address,
    port,
  };
}

async function sendEchoes(
  lab: Lab,
  { container, enter }: Station,
  probes: readonly Numbered[],
  { patienceMs }: Pace,
  { answered, failed }: Sent,
): Promise<void> {
  if (probes.length === 0) return;
  const echoes = probes.map(({ probe: { source = "", to } }) => ({ source, address: to.address }));
  const output = await runIn(lab, container, [...enter, "sh", "-c", renderEchoes(echoes, patienceMs)], "0");
  for (const [index, outcome] of readEchoes(output, echoes).entries()) {
    const { id } = probes[index] as Numbered;
    if (outcome === "answered") answered.add(id);
    else if (outcome !== "silence") failed.set(id, outcome.failed);
  }
}
