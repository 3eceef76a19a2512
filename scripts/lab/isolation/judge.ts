import { answer, gatewaysBetween } from "../../../environments/model/flows/reach.ts";
import type { Stage } from "./observer.render.ts";
import { type Ground, questionOf } from "./plan.ts";
import { type Attack, attacks, keyOf, type Probe, type Sender } from "./probes.ts";

// What came of each probe, and whether that is what the table says. Pure.

/** What senders and observers saw. */
export interface Evidence {
  /** Probes that somebody answered, by their place in the list. */
  readonly answered: ReadonlySet<number>;
  /** Probes that never left, with the reason. */
  readonly failed: ReadonlyMap<number, string>;
  /** What the observer of each host and pod wrote down. */
  readonly seen: readonly { readonly sender: Sender; readonly keys: Readonly<Record<Stage, ReadonlySet<string>>> }[];
}

/** `leak`: it came where it may not. `missing`: it may and did not. `untried`: nobody knows. `open`: expected to tell nothing. */
export type Outcome = "passed" | "stopped" | "leak" | "missing" | "untried" | "open";

export interface Verdict {
  readonly probe: Probe;
  readonly outcome: Outcome;
  /** What was seen, in words; of an outcome that nobody has to look at, empty. */
  readonly seen: string;
  /** Whether it came in at somebody, allowed or not. */
  readonly arrived: boolean;
}

export function verdictsOn(probes: readonly Probe[], { answered, failed, seen }: Evidence): Verdict[] {
  const at = (stage: Stage, from: readonly Evidence["seen"][number][]): ReadonlyMap<string, readonly Sender[]> => {
    const found = new Map<string, Sender[]>();
    for (const { sender, keys } of from) for (const key of keys[stage]) found.set(key, [...(found.get(key) ?? []), sender]);
    return found;
  };
  const passed = at("passed", seen);
  const reached = at("reached", seen);
  return probes.map((probe, id) => {
    const key = keyOf(probe);
    // What is for everybody on a wire comes back to its sender.
    const receivers = (passed.get(key) ?? []).filter(({ name }) => name !== probe.from.name);
    const arrived = receivers.length > 0;
    const isAnswered = answered.has(id);
    const problem = failed.get(id);
    if (problem !== undefined) return { probe, outcome: "untried", seen: `it was not sent: ${problem}`, arrived };
    if (probe.expected === "open") return { probe, outcome: "open", seen: "", arrived };
    if (probe.expected === "passes") return permitted(probe, receivers, isAnswered);
    if (arrived) return { probe, outcome: "leak", seen: `it came in at ${names(receivers)}`, arrived };
    if (isAnswered) return { probe, outcome: "leak", seen: "it was answered", arrived };
    const layer = wayPast(probe.from, reached.get(key) ?? []);
    if (layer !== undefined) return { probe, outcome: "leak", seen: layer, arrived };
    return { probe, outcome: "stopped", seen: "", arrived };
  });
}

/** Which gateways let by what others then stopped; undefined where the first ones on the way did. */
function wayPast(from: Sender, reached: readonly Sender[]): string | undefined {
  const strangers = reached.filter(({ site, zone }) => site !== from.site || zone !== from.zone);
  const isBorder = ({ role }: Sender): boolean => role === "gateway" || role === "outside";
  const hosts = strangers.filter((one) => !isBorder(one));
  if (hosts.length > 0) return `it got into another zone; only the rules of ${names(hosts)} stopped it`;
  const borders = strangers.filter(isBorder);
  // What a gateway sends itself and what comes from outside reaches the next gateway, which is there to stop it; what has no way goes to the company's router.
  if (borders.length > 0 && !isBorder(from)) return `it got out of its zone; only the rules of ${names(borders)} stopped it`;
  return undefined;
}

const names = (senders: readonly Sender[]): string => senders.map(({ name }) => name).join(" and ");

function permitted(probe: Probe, receivers: readonly Sender[], isAnswered: boolean): Verdict {
  const right = receivers.some(({ name }) => probe.to.hosts?.includes(name));
  const arrived = receivers.length > 0;
  // Whether a datagram is answered is the service's own affair.
  if (right && (isAnswered || probe.protocol === "udp")) return { probe, outcome: "passed", seen: "", arrived };
  const seen = right
    ? "it arrived, and its answer did not"
    : arrived
      ? `it came in at ${names(receivers)} instead`
      : isAnswered
        ? "somebody else answered"
        : "it did not arrive";
  return { probe, outcome: "missing", seen, arrived };
}

/** What should have been, and why. */
export function why({ table }: Pick<Ground, "table">, { probe, seen }: Verdict): string {
  const { kind, from, to, plane, protocol, port, means } = probe;
  const { rows, gateways, stoppedBy } = answer(table, questionOf(probe));
  const what = `${from.name} to ${to.label} (${to.address}), ${protocol}${port > 0 ? ` ${port}` : ""}, ${plane}`;
  const how = kind === "flow" ? "" : ` ${attacks[kind]}${means?.forged ? ` (${means.forged})` : ""}:`;
  if (probe.expected === "passes") {
    const way = gateways.length > 0 ? ` through the gateways of ${gateways.join(", ")}` : "";
    return `${what}:${how} ${seen}; ${[...new Set(rows.map(({ name }) => name))].join(", ")} permits it${way}`;
  }
  const stopper = rows.length > 0 || to.site === undefined ? wrongWay(probe) : `it is stopped by ${stoppedBy}`;
  return `${what}:${how} ${seen}; as the table is, ${stopper}`;
}

/** Where the table does not decide: a permitted connection does not come on this way, and some receivers are in no zone. */
function wrongWay({ from, to, means }: Probe): string {
  if (to.site === undefined) return "nobody takes it";
  if (from.role === "pod") return `it is for hosts: the network policies of ${from.zone} permit its pods no such thing`;
  const [first] = gatewaysBetween(from, to);
  if (means?.forged !== undefined && first !== undefined)
    return `the gateways of ${first} know that its sender does not live there`;
  return "nothing takes it on this way";
}

export interface Cell {
  readonly passed: number;
  readonly stopped: number;
  readonly leak: number;
  readonly missing: number;
  readonly untried: number;
  readonly open: number;
}

const none: Cell = { passed: 0, stopped: 0, leak: 0, missing: 0, untried: 0, open: 0 };

function cellOf(verdicts: readonly Verdict[]): Cell {
  const cell = { ...none };
  for (const { outcome } of verdicts) cell[outcome] += 1;
  return cell;
}

/** Ordinary connections between two zones, as in `dc1-internet`; pods by themselves, as in `dc1-internet pods`. */
export interface Crossing {
  readonly from: string;
  readonly to: string;
  readonly cell: Cell;
}

export function matrixOf(verdicts: readonly Verdict[]): Crossing[] {
  // Each of them sends something.
  const pods = new Set(verdicts.flatMap(({ probe: { from } }) => (from.role === "pod" ? [from.name] : [])));
  const word = ({ site, zone }: { readonly site?: string; readonly zone?: string }, names: readonly string[]): string =>
    site === undefined || zone === "outside"
      ? "outside"
      : `${site}-${zone}${names.some((name) => pods.has(name)) ? " pods" : ""}`;
  const flows = verdicts
    .filter(({ probe }) => probe.kind === "flow")
    .map((verdict) => {
      const { from, to } = verdict.probe;
      return { verdict, from: word(from, [from.name]), to: word(to, to.hosts ?? []) };
    });
  return [...Map.groupBy(flows, ({ from }) => from)].flatMap(([from, sent]) =>
    [...Map.groupBy(sent, ({ to }) => to)].map(([to, all]) => ({ from, to, cell: cellOf(all.map(({ verdict }) => verdict)) })),
  );
}

export const attacksOf = (verdicts: readonly Verdict[]): Map<Attack, Cell> =>
  new Map(
    [...Map.groupBy(verdicts, ({ probe: { kind } }) => kind)].flatMap(([kind, all]) =>
      kind === "flow" ? [] : [[kind, cellOf(all)] as const],
    ),
  );

/** What nobody may overlook. */
export const findingsOf = (verdicts: readonly Verdict[]): Verdict[] =>
  verdicts.filter(({ outcome }) => outcome === "leak" || outcome === "missing" || outcome === "untried");
