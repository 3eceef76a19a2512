import {
  type Outage,
  type OutageClient,
  type OutagePart,
  outageClients,
  outageSeconds,
} from "../../../environments/model/outages.ts";
import type { AvailabilityMode } from "../../../environments/model/topology.ts";
import type { Case } from "./cases.ts";
import { median } from "./records.ts";

// What a case's runs come to, and which promises were not kept. Pure.

/** What one client saw of one run. */
export interface ClientResult {
  /** Undefined where the client wrote nothing before the case. */
  readonly observed: number | undefined;
  readonly acknowledged: number;
  readonly unknown: number;
  /** Since the case began. */
  readonly failed: number;
  /** Acknowledged and missing; undefined where nobody could compare. */
  readonly lost: number | undefined;
  /** Not the same on all database nodes: rows of the client's, or of objects any of kine's. */
  readonly differing: number;
  /** There although the client was told that it failed. */
  readonly unexplained: number;
}

/** One run of a case. */
export interface Run {
  readonly clients: Readonly<Partial<Record<OutageClient, ClientResult>>>;
  readonly writerChanges: number;
  /** Times that two nodes said at once that they are the writer. */
  readonly twoWriters: number;
  /** kine's revisions since the case began: missing ones and filled ones; undefined where nobody could look. */
  readonly revisions: { readonly holes: number; readonly filled: number } | undefined;
  /** Seconds from the repair until all was well; undefined where that did not come. */
  readonly healedSeconds: number | undefined;
  /** What was not well when the drill gave up. */
  readonly remains: readonly string[];
}

export interface CaseResult {
  readonly case: Case;
  readonly outage: Outage | undefined;
  readonly runs: readonly Run[];
}

/** Shorter than this, the machine's own pauses and a failure's can't be told apart. */
export const noticeableSeconds = 0.5;
export const mostOverPrediction = 1.2;
/** A prediction that is further above what is seen says too little. */
export const mostUnderPrediction = 3;

export interface ClientLine {
  readonly client: OutageClient;
  readonly predicted: number | undefined;
  readonly parts: readonly OutagePart[];
  /** The middle of the runs, and the worst. */
  readonly observed: number | undefined;
  readonly worst: number | undefined;
  readonly acknowledged: number;
  readonly unknown: number;
  readonly failed: number;
  readonly lost: number | undefined;
}

export function clientLines({ outage, runs }: CaseResult): ClientLine[] {
  return outageClients.flatMap((client) => {
    const results = runs.flatMap((run) => run.clients[client] ?? []);
    if (results.length === 0) return [];
    const observed = results.flatMap(({ observed: seconds }) => seconds ?? []);
    const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
    const lost = results.flatMap((result) => result.lost ?? []);
    return [
      {
        client,
        predicted: outage && outageSeconds(outage, client),
        parts: outage?.[client] ?? [],
        observed: median(observed),
        worst: observed.length === results.length ? Math.max(...observed) : undefined,
        acknowledged: sum(results.map(({ acknowledged }) => acknowledged)),
        unknown: sum(results.map(({ unknown }) => unknown)),
        failed: sum(results.map(({ failed }) => failed)),
        lost: lost.length === results.length ? sum(lost) : undefined,
      },
    ];
  });
}

/** Promises that a case did not keep, in words; empty when it kept all. */
export function missed(result: CaseResult, availability: AvailabilityMode): string[] {
  return [...clientLines(result).flatMap((line) => missedTimes(result, line, availability)), ...missedWhateverItTook(result)];
}

/** Those that do not hang on how fast the machine is. */
export function missedWhateverItTook(result: CaseResult): string[] {
  const lines = clientLines(result);
  return [...lines.flatMap(missedMeasures), ...lines.flatMap(missedWrites), ...missedByRuns(result.runs)];
}

function missedTimes({ case: { goals } }: CaseResult, line: ClientLine, availability: AvailabilityMode): string[] {
  const { client, predicted, worst } = line;
  const goal = availability === "fast" ? goals?.[client] : undefined;
  const limit = predicted === undefined ? undefined : Math.max(mostOverPrediction * predicted, noticeableSeconds);
  return [
    ...(worst !== undefined && limit !== undefined && worst > limit
      ? [`${client}: ${worst.toFixed(1)} s observed, above ${mostOverPrediction} × the ${predicted} s predicted`]
      : []),
    ...(worst !== undefined && goal !== undefined && worst > goal
      ? [`${client}: ${worst.toFixed(1)} s observed, above the goal of ${goal} s`]
      : []),
  ];
}

const missedMeasures = ({ client, worst, failed }: ClientLine): string[] => [
  ...(worst === undefined ? [`${client}: not measured, the client wrote nothing before the case`] : []),
  // One that is made anew would look like a short pause.
  ...(client === "streams" && failed > 0 ? [`${client}: the established connection was lost ${failed} times`] : []),
];

/** Whether what a client wrote is somewhere to be compared with. */
export const isStored = (client: OutageClient): boolean => client === "rows" || client === "objects";

const missedWrites = ({ client, lost }: ClientLine): string[] => [
  ...(lost === undefined && isStored(client) ? [`${client}: the contents could not be compared`] : []),
  ...(lost ? [`${client}: ${lost} acknowledged writes are lost`] : []),
];

function missedByRuns(runs: readonly Run[]): string[] {
  const some = <T>(values: readonly T[], holds: (value: T) => boolean): boolean => values.some(holds);
  const all = runs.flatMap(({ clients }) => Object.values(clients));
  return [
    ...(some(all, ({ differing }) => differing > 0) ? ["the database nodes' contents differ"] : []),
    ...(some(all, ({ unexplained }) => unexplained > 0) ? ["there are writes that their client was told had failed"] : []),
    ...(some(runs, ({ twoWriters }) => twoWriters > 0) ? ["two nodes said at once that they are the writer"] : []),
    ...(some(runs, ({ revisions }) => revisions === undefined) ? ["kine's revisions could not be read"] : []),
    ...runs
      .filter((run) => gapsOf(run) > lostNumbersOf(run))
      .map(
        (run) =>
          `kine's revisions have ${gapsOf(run)} holes and fill rows, more than the ${lostNumbersOf(run)} that cut off writes may leave`,
      ),
    ...runs.flatMap(({ healedSeconds, remains }) => (healedSeconds === undefined ? [`did not heal: ${remains.join("; ")}`] : [])),
  ];
}

const gapsOf = ({ revisions }: Run): number => (revisions?.holes ?? 0) + (revisions?.filled ?? 0);

/** The control plane writes too: leases of its API servers, controllers, scheduler and nodes, and events. */
const ownWritesAtOnce = 5;

/**
 * A write that was cut off may have taken a number along, but not across a change of the writer: the new one counts on from the rows that
 * it has. The increments of a cluster of several writers would leave many more.
 */
const lostNumbersOf = ({ clients, writerChanges }: Run): number =>
  (clients.objects?.unknown ?? 0) + (writerChanges === 0 ? ownWritesAtOnce : 0);

/** Predictions that lie far above what was seen: nothing is broken, but they should be mended. */
export const loose = (result: CaseResult): string[] =>
  clientLines(result)
    .filter(
      ({ predicted, observed }) =>
        predicted !== undefined &&
        observed !== undefined &&
        predicted > mostUnderPrediction * Math.max(observed, noticeableSeconds),
    )
    .map(
      ({ client, predicted }) => `${client}: the prediction of ${predicted} s is above ${mostUnderPrediction} × what was seen`,
    );
