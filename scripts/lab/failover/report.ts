import Table from "cli-table3";
import { failures } from "../../../environments/model/outages.ts";
import type { AvailabilityMode } from "../../../environments/model/topology.ts";
import { leftOut } from "./cases.ts";
import { type CaseResult, type ClientLine, clientLines, isStored, loose, missed } from "./results.ts";

/** What the drill was about. */
export interface Drill {
  readonly site: string;
  readonly availability: AvailabilityMode;
  /** ISO 8601. */
  readonly startedAt: string;
  /** Of all that the site's hosts and services were configured with. */
  readonly digest: string;
  readonly results: readonly CaseResult[];
}

const head = [
  "case",
  "client",
  "predicted s",
  "observed s",
  "worst s",
  "acknowledged",
  "unknown",
  "lost",
  "writer changes",
  "kine holes",
  "healed",
  "promises",
];

const seconds = (value: number | undefined): string => (value === undefined ? "–" : value.toFixed(1));

function rowsOf(result: CaseResult, availability: AvailabilityMode): string[][] {
  const { runs } = result;
  const broken = missed(result, availability);
  const holes = runs.reduce((sum, { revisions }) => sum + (revisions ? revisions.holes + revisions.filled : 0), 0);
  const healed = runs.map(({ healedSeconds }) => healedSeconds);
  const common = [
    runs.map(({ writerChanges }) => writerChanges).join(", "),
    runs.some(({ revisions }) => revisions === undefined) ? "–" : String(holes),
    healed.includes(undefined) ? "no" : `${Math.max(...healed.map((one) => one ?? 0)).toFixed(0)} s`,
    broken.length === 0 ? "kept" : "MISSED",
  ];
  const lines = clientLines(result);
  const cells = ({ client, predicted, observed, worst, acknowledged, unknown, lost }: ClientLine): string[] => [
    ...[client, seconds(predicted), seconds(observed), seconds(worst)],
    ...(isStored(client) ? [String(acknowledged), String(unknown), lost === undefined ? "–" : String(lost)] : ["", "", ""]),
  ];
  return lines.map((line, index) => [
    index === 0 ? result.case.name : "",
    ...cells(line),
    ...(index === 0 ? common : ["", "", "", ""]),
  ]);
}

/** The table that ends a drill, with every promise that was not kept. */
export function renderDrill({ results, availability }: Drill): string {
  const table = new Table({ head, style: { head: [], border: [], compact: true } });
  for (const result of results) table.push(...rowsOf(result, availability));
  return [table.toString(), ...remarks(results, availability)].join("\n");
}

const remarks = (results: readonly CaseResult[], availability: AvailabilityMode): string[] => [
  ...results.flatMap((result) => missed(result, availability).map((what) => `${result.case.name}: ${what}`)),
  ...results.flatMap((result) => loose(result).map((what) => `${result.case.name}: ${what}`)),
  ...Object.entries(leftOut).map(([what, why]) => `${what}: ${why}`),
];

/** The same for a file that a person reads later, with what each prediction is made of. */
export function renderMarkdown(drill: Drill): string {
  const { site, availability, startedAt, digest, results } = drill;
  const row = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const made = results.flatMap((result) =>
    clientLines(result)
      .filter(({ parts }) => parts.length > 0)
      .map(
        ({ client, predicted, parts }) =>
          `- ${result.case.name}, ${client}: ${predicted} s = ${parts.map((part) => `${part.seconds} (${part.what})`).join(" + ")}`,
      ),
  );
  return [
    `# Failover of ${site}`,
    "",
    `Started ${startedAt}, availability ${availability}, configuration ${digest}.`,
    "",
    row(head),
    row(head.map(() => "---")),
    ...results.flatMap((result) => rowsOf(result, availability)).map(row),
    "",
    "## What each case does",
    "",
    ...results.map(
      ({ case: { name, what, failure } }) =>
        `- ${name}: ${what}. Predicted as: ${failure === undefined ? "no majority is left, no time is promised" : failures[failure]}.`,
    ),
    "",
    "## What the predictions are made of",
    "",
    ...made,
    "",
    "## Remarks",
    "",
    ...remarks(results, availability).map((line) => `- ${line}`),
    "",
  ].join("\n");
}
