import { type Approval, approvalOf, digestOf } from "../deploy/approval.ts";
import { type Changes, changeCount, totalChanges } from "../deploy/summary.ts";
import { type Cause, causedFindings, keyOf, likelyCauses } from "./causes.ts";
import type { Change } from "./change.ts";
import { type FileChange, fileChanges } from "./file-changes.ts";
import { certificateFindings } from "./findings/certificates.ts";
import { connectionChanges, connectionFindings } from "./findings/connections.ts";
import type { Finder, Finding } from "./findings/finding.ts";
import { networkFindings } from "./findings/networks.ts";
import { policyFindings } from "./findings/policies.ts";
import { redundancyFindings } from "./findings/redundancy.ts";
import { refusedFindings } from "./findings/refused.ts";
import { roleFindings } from "./findings/roles.ts";
import { settingFindings } from "./findings/settings.ts";
import { statefulFindings } from "./findings/stateful.ts";
import { versionFindings } from "./findings/versions.ts";
import { hostFinder, zoneOf } from "./places.ts";
import { type Restart, restartsOf } from "./restarts.ts";
import { type RolloutPhase, rolloutOf } from "./rollout.ts";
import type { Source } from "./sources.ts";
import { type TextChange, textChanges } from "./texts.ts";
import { unjudgedOf } from "./unjudged.ts";

// What a reviewer reads, before it is written in any format.

export const verdicts = ["no change", "safe", "needs care", "dangerous"] as const;
export type Verdict = (typeof verdicts)[number];

export interface Page {
  readonly platform: string;
  readonly base: string;
  readonly head: string;
  readonly verdict: Verdict;
  readonly changes: Changes;
  readonly sites: readonly string[];
  readonly zones: readonly string[];
  readonly findings: readonly (Finding & { readonly causes: readonly Cause[] })[];
  readonly restarts: readonly Restart[];
  readonly connections: ReturnType<typeof connectionChanges>;
  readonly hostConnections: ReturnType<typeof connectionChanges>;
  readonly rollout: readonly RolloutPhase[];
  readonly texts: readonly TextChange[];
  readonly unjudged: readonly string[];
  /** What can be approved, and its digest; absent where nothing can. */
  readonly digest?: string;
  readonly approval?: Approval;
}

const findAll: Finder = (before, after) =>
  [roleFindings, redundancyFindings, networkFindings, versionFindings, settingFindings, connectionFindings].flatMap((find) =>
    find(before, after),
  );

const none: Page["connections"] = { opened: [], closed: [] };

/** The page of a change. */
export function pageOf(change: Change): Page {
  const { before, after, stacks, leftOut } = change;
  const file = `environments/${before.topology.platform}.yaml`;
  if ("refused" in after) return refusedPage(change, after.refused, file);
  const hostOf = hostFinder(before.topology, after.topology);
  const steps = stacks.flatMap((stack) => stack.steps);
  const restarts = stacks.flatMap((stack) => restartsOf(stack.steps, hostOf, after.topology.timings));
  const fields = fileChanges(before.text, after.text);
  const byModel = findAll(before.topology, after.topology);
  const caused = causedFindings(before, fields, findAll);
  const bySteps = stacks.flatMap(({ report, steps: own }) => [
    ...statefulFindings(report.stack, own),
    ...refusedFindings(report, own),
    ...certificateFindings(own),
  ]);
  const causeOf = (finding: Finding): Cause[] => {
    const alone = caused.get(keyOf(finding));
    const near = alone ?? likelyCauses(`${finding.subject} ${finding.what}`, fields);
    return near.length > 0 ? near.map((field) => causeIn(file, field)) : change.files.map((each) => ({ file: each }));
  };
  const findings = [
    ...[...bySteps, ...byModel].map((finding) => ({ ...finding, causes: causeOf(finding) })),
    ...policyFindings(change.files).map((finding) => ({ ...finding, causes: [{ file: finding.subject }] })),
  ].sort(byWeight);
  const changes = totalChanges(stacks.map(({ report }) => report.changes));
  const hosts = steps.flatMap(({ name }) => hostOf(name) ?? []);
  return {
    ...{ platform: after.topology.platform, base: before.ref, head: after.ref },
    verdict: verdictOf(
      findings,
      changeCount(changes) + restarts.length,
      restarts,
      stacks.some(({ report }) => report.result !== "done") || leftOut.length > 0,
    ),
    changes,
    sites: [...new Set(hosts.map(({ site }) => site))].sort(),
    zones: [...new Set(hosts.map(zoneOf))].sort(),
    ...{ findings, restarts },
    connections: connectionChanges(before.topology, after.topology, "zones"),
    hostConnections: connectionChanges(before.topology, after.topology, "hosts"),
    rollout: rolloutOf(change, after.topology),
    texts: textChanges(steps, hostOf),
    unjudged: unjudgedOf(change),
    ...(stacks.every(({ report }) => report.result === "done") && approvable(stacks, after)),
  };
}

function approvable(stacks: Change["stacks"], { topology, root }: Source): Required<Pick<Page, "digest" | "approval">> {
  const steps = stacks.map(({ report, steps: own }) => ({ stack: report.stack, steps: own }));
  const approval = approvalOf(topology, root, steps);
  return { digest: digestOf(approval), approval };
}

const byWeight = (a: Finding, b: Finding): number => Number(b.weight === "dangerous") - Number(a.weight === "dangerous");

const causeIn = (file: string, { line, path }: FileChange): Cause => ({ file, line, field: path.join(".") });

function verdictOf(findings: readonly Finding[], changed: number, restarts: readonly Restart[], isPartial: boolean): Verdict {
  if (findings.some(({ weight }) => weight === "dangerous")) return "dangerous";
  const isFelt = restarts.some(({ outages, without }) => outages.length > 0 || without !== undefined);
  if (findings.length > 0 || isFelt || isPartial) return "needs care";
  return changed > 0 ? "safe" : "no change";
}

function refusedPage({ before, after }: Change, refused: string, file: string): Page {
  const findings = refused.split("\n").flatMap((problem) => {
    const [, line, text = ""] = /:(\d+):\d+ {2}(.*)$/.exec(problem) ?? [];
    if (line === undefined) return [];
    return [
      {
        weight: "dangerous" as const,
        subject: text.slice(0, text.indexOf(": ")),
        what: `an up refuses it: ${text.slice(text.indexOf(": ") + 2).replace(/; fix: .*/, "")}`,
        todo: /; fix: (.*)$/.exec(text)?.[1] ?? "mend it",
        causes: [{ file, line: Number(line) }],
      },
    ];
  });
  return {
    ...{ platform: before.topology.platform, base: before.ref, head: after.ref, verdict: "dangerous" },
    findings:
      findings.length > 0
        ? findings
        : [{ weight: "dangerous", subject: file, what: refused, todo: "mend it", causes: [{ file }] }],
    changes: totalChanges([]),
    ...{ sites: [], zones: [], restarts: [], connections: none, hostConnections: none, rollout: [], texts: [] },
    unjudged: [`all ${before.stacks.length} stacks: the environment file is refused, so nothing was previewed`],
  };
}
