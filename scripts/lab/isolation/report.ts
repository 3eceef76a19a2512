import Table from "cli-table3";
import { attacksOf, type Cell, findingsOf, matrixOf, type Verdict, why } from "./judge.ts";
import type { Ground } from "./plan.ts";
import { type Attack, attacks } from "./probes.ts";

/** What a proof was about. */
export interface Proof {
  readonly ground: Ground;
  readonly form: string;
  readonly seed: number;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly seconds: number;
  /** Of all that the hosts and their services were configured with, where it is known. */
  readonly digest?: string;
  readonly verdicts: readonly Verdict[];
  /** Names of rows that no host can try. */
  readonly untriedRows: readonly string[];
}

/** Findings that a terminal still shows; the file has all. */
const mostShown = 20;

const cellText = ({ passed, stopped, leak, missing, untried }: Cell): string =>
  [
    `${passed}/${stopped}`,
    ...(leak > 0 ? [`${leak} LEAK`] : []),
    ...(missing > 0 ? [`${missing} MISSING`] : []),
    ...(untried > 0 ? [`${untried} UNTRIED`] : []),
  ].join(" ");

function matrixRows(verdicts: readonly Verdict[]): { readonly head: string[]; readonly rows: string[][] } {
  const matrix = matrixOf(verdicts);
  const zones = [...new Set(matrix.flatMap(({ from, to }) => [from, to]))].sort();
  const cell = (from: string, to: string): string => {
    const found = matrix.find((crossing) => crossing.from === from && crossing.to === to);
    return found ? cellText(found.cell) : "–";
  };
  return { head: ["from \\ to", ...zones], rows: zones.map((from) => [from, ...zones.map((to) => cell(from, to))]) };
}

function attackRows(verdicts: readonly Verdict[]): string[][] {
  const found = attacksOf(verdicts);
  const openPassed = (kind: Attack): number =>
    verdicts.filter(({ probe, outcome, arrived }) => probe.kind === kind && outcome === "open" && arrived).length;
  return (Object.keys(attacks) as Attack[]).flatMap((kind) => {
    const cell = found.get(kind);
    if (!cell) return [[attacks[kind], "not tried", "", "", ""]];
    const bad = cell.leak + cell.missing + cell.untried;
    return [
      [
        attacks[kind],
        String(cell.stopped),
        String(cell.passed),
        cell.open > 0 ? `${openPassed(kind)} of ${cell.open}` : "",
        bad > 0 ? cellText(cell) : "0",
      ],
    ];
  });
}

const attackHead = ["attack", "stopped", "passed", "passed on one wire", "leaks"];

const sum = (verdicts: readonly Verdict[]): string => {
  const of = (outcome: Verdict["outcome"]): number => verdicts.filter((one) => one.outcome === outcome).length;
  return (
    `${verdicts.length} tried: ${of("passed")} passed and ${of("stopped")} were stopped as the table says, ` +
    `${of("leak")} leaks, ${of("missing")} missing, ${of("untried")} untried, ${of("open")} that no packet filter can tell`
  );
};

const headline = ({ form, seed, seconds, digest }: Proof): string =>
  `${form}, seed ${seed}, ${seconds.toFixed(0)} s${digest === undefined ? "" : `, configuration ${digest}`}`;

const remarks = ({ untriedRows }: Proof): string[] =>
  untriedRows.length > 0
    ? [`rows that no host can try here, because an end is outside, or they are VRRP: ${untriedRows.join(", ")}`]
    : [];

export function renderProof(proof: Proof): string {
  const { ground, verdicts } = proof;
  const style = { head: [], border: [], compact: true };
  const { head, rows } = matrixRows(verdicts);
  const matrix = new Table({ head, style });
  matrix.push(...rows);
  const tried = new Table({ head: attackHead, style });
  const hasAttacks = verdicts.some(({ probe }) => probe.kind !== "flow");
  if (hasAttacks) tried.push(...attackRows(verdicts));
  const findings = findingsOf(verdicts);
  const shown = findings.slice(0, mostShown).map((one) => `${one.outcome.toUpperCase()}: ${why(ground, one)}`);
  return [
    "passed/stopped as the table says, from zone to zone:",
    matrix.toString(),
    ...(hasAttacks ? [tried.toString()] : []),
    ...shown,
    ...(findings.length > mostShown ? [`and ${findings.length - mostShown} more in the file`] : []),
    ...remarks(proof),
    sum(verdicts),
    headline(proof),
  ].join("\n");
}

/** The same for a file that a person reads later, with every finding. */
export function renderMarkdown(proof: Proof): string {
  const { ground, verdicts, startedAt } = proof;
  const row = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const table = (head: readonly string[], rows: readonly (readonly string[])[]): string[] => [
    row(head),
    row(head.map(() => "---")),
    ...rows.map(row),
  ];
  const { head, rows } = matrixRows(verdicts);
  const findings = findingsOf(verdicts).map((one) => `- ${one.outcome}: ${why(ground, one)}`);
  return [
    "# Isolation of the zones",
    "",
    `Started ${startedAt}: ${headline(proof)}.`,
    "",
    sum(verdicts),
    "",
    "## From zone to zone",
    "",
    "Ordinary connections, passed/stopped as the table says.",
    "",
    ...table(head, rows),
    "",
    "## Attacks",
    "",
    ...table(attackHead, attackRows(verdicts)),
    "",
    "## Findings",
    "",
    ...(findings.length > 0 ? findings : ["None."]),
    "",
    ...remarks(proof).flatMap((line) => [line, ""]),
  ].join("\n");
}
