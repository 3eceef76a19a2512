import Table from "cli-table3";
import { createTwoFilesPatch } from "diff";

/** What a comparison found of one thing that is declared. */
export interface Finding {
  readonly stack: string;
  readonly host: string;
  readonly what: string;
  /** `not judged`: it could not be looked at, which is no proof that it is right. */
  readonly verdict: "same" | "different" | "not judged";
  /** The difference, or why it was not judged. */
  readonly detail: string;
}

type Subject = Pick<Finding, "stack" | "host" | "what">;

/** Compares texts; the difference as a unified diff from what is declared to what is there. */
export function compareTexts(subject: Subject, expected: string, actual: string): Finding {
  const { stack, host, what } = subject;
  // A command's last newline says nothing: shells drop it, and a state can have lost it.
  if (expected.replace(/\n$/, "") === actual.replace(/\n$/, "")) return { stack, host, what, verdict: "same", detail: "" };
  const patch = createTwoFilesPatch("declared", "found", ended(expected), ended(actual), undefined, undefined, { context: 2 });
  return { stack, host, what, verdict: "different", detail: patch.split("\n").slice(1).join("\n").trimEnd() };
}

const ended = (text: string): string => (text === "" || text.endsWith("\n") ? text : `${text}\n`);

export const notJudged = ({ stack, host, what }: Subject, why: string): Finding => ({
  stack,
  host,
  what,
  verdict: "not judged",
  detail: why,
});

export const different = ({ stack, host, what }: Subject, how: string): Finding => ({
  stack,
  host,
  what,
  verdict: "different",
  detail: how,
});

export const same = ({ stack, host, what }: Subject): Finding => ({ stack, host, what, verdict: "same", detail: "" });

/** 0: all is as declared. 1: a difference, or something that could not be judged. */
export const driftExitCode = (findings: readonly Finding[]): 0 | 1 =>
  findings.every(({ verdict }) => verdict === "same") ? 0 : 1;

/** A table by host, then each difference. */
export function renderDrift(findings: readonly Finding[]): string {
  const table = new Table({
    head: ["host", "stack", "same", "different", "not judged"],
    style: { head: [], border: [], compact: true },
    colAligns: ["left", "left", "right", "right", "right"],
  });
  const rows = Map.groupBy(findings, ({ host, stack }) => `${host}\0${stack}`);
  for (const [key, group] of [...rows].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const count = (verdict: Finding["verdict"]): string => String(group.filter((finding) => finding.verdict === verdict).length);
    table.push([...key.split("\0"), count("same"), count("different"), count("not judged")]);
  }
  const details = findings
    .filter(({ verdict }) => verdict !== "same")
    .map(({ host, what, verdict, detail }) => `${host}: ${what}: ${verdict}\n${detail}`);
  return [table.toString(), ...details].join("\n\n");
}
