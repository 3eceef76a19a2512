import { stacksOf } from "../../environments/model/stack-names.ts";
import type { Topology } from "../../environments/model/topology.ts";
import { type Phase, phasesOf } from "../deploy/plan.ts";
import { type Changes, changeCount, totalChanges } from "../deploy/summary.ts";
import { type Cause, causedFindings, keyOf, likelyCauses } from "./causes.ts";
import type { Change } from "./change.ts";
import { digestOf } from "./digest.ts";
import { type FileChange, fileChanges } from "./file-changes.ts";
import { connectionChanges, connectionFindings } from "./findings/connections.ts";
import type { Finder, Finding } from "./findings/finding.ts";
import { networkFindings } from "./findings/networks.ts";
import { redundancyFindings } from "./findings/redundancy.ts";
import { isUnjudged, refusedFindings } from "./findings/refused.ts";
import { roleFindings } from "./findings/roles.ts";
import { settingFindings } from "./findings/settings.ts";
import { statefulFindings } from "./findings/stateful.ts";
import { versionFindings } from "./findings/versions.ts";
import { hostFinder, zoneOf } from "./places.ts";
import { type Restart, restartsOf } from "./restarts.ts";
import { type TextChange, textChanges } from "./texts.ts";

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
  /** Absent where nothing can be approved. */
  readonly digest?: string;
}

export interface RolloutPhase {
  readonly title: string;
  readonly waitsFor: string;
  readonly stacks: readonly { readonly name: string; readonly changes: Changes; readonly hosts: readonly string[] }[];
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
  ]);
  const causeOf = (finding: Finding): Cause[] => {
    const alone = caused.get(keyOf(finding));
    const near = alone ?? likelyCauses(`${finding.subject} ${finding.what}`, fields);
    return near.length > 0 ? near.map((field) => causeIn(file, field)) : change.files.map((each) => ({ file: each }));
  };
  const findings = [...bySteps, ...byModel].map((finding) => ({ ...finding, causes: causeOf(finding) })).sort(byWeight);
  const changes = totalChanges(stacks.map(({ report }) => report.changes));
  const hosts = steps.flatMap(({ name }) => hostOf(name) ?? []);
  const unjudged = unjudgedOf(change);
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
    unjudged,
    ...(stacks.every(({ report }) => report.result === "done") && {
      digest: digestOf(
        stacks.map(({ report, steps: own }) => ({ stack: report.stack, steps: own })),
        after.topology,
        after.root,
      ),
    }),
  };
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
    ...{ platform: before.topology.platform, base: before.ref, head: after.ref, verdict: "dangerous", findings },
    changes: totalChanges([]),
    ...{ sites: [], zones: [], restarts: [], connections: none, hostConnections: none, rollout: [], texts: [] },
    unjudged: [`all ${before.stacks.length} stacks: the environment file is refused, so nothing was previewed`],
  };
}

/** What no rule and no engine could say anything of, and why. */
function unjudgedOf({ before, after, stacks, leftOut }: Change): string[] {
  const gone = "refused" in after ? [] : before.stacks.filter(({ name }) => !after.stacks.some((stack) => stack.name === name));
  const warnings = stacks.flatMap(({ report }) =>
    report.diagnostics
      .filter(({ severity, message }) => severity === "warning" && (isUnjudged(message) || !message.startsWith("policy ")))
      .map(({ message }) => ({ stack: report.stack, message: message.replace(/^policy [^\n]*\n/, "").replaceAll("\n", " ") })),
  );
  const byMessage = Map.groupBy(warnings, ({ message }) => message);
  return [
    ...stacks
      .filter(({ report }) => report.result === "not run")
      .map(({ report }) => `${report.stack}: not previewed: ${report.because}`),
    ...stacks
      .filter(({ report }) => report.result === "failed")
      .map(({ report }) => `${report.stack}: its preview failed, and says nothing of what comes after`),
    ...(leftOut.length > 0 ? [`${leftOut.join(", ")}: not asked for`] : []),
    ...gone.map(({ name }) => `${name}: no longer declared; no preview shows what it leaves behind`),
    ...[...byMessage].map(([message, all]) => `${[...new Set(all.map(({ stack }) => stack))].join(", ")}: ${message}`),
  ];
}

/** In what order an `up` would change it. */
function rolloutOf({ before, stacks }: Change, topology: Topology): RolloutPhase[] {
  const changed = stacks.filter(({ report }) => changeCount(report.changes) > 0);
  const phases = phasesOf({
    stacks: stacksOf(topology),
    deployed: new Set(before.stacks.map(({ name }) => name)),
    changed: new Set(changed.map(({ report }) => report.stack)),
    standby: topology.sites.filter(({ role }) => role === "standby").map(({ name }) => name),
  });
  const hostOf = hostFinder(topology, before.topology);
  return phases.map((phase) => ({
    title: phase.title,
    waitsFor: waitsFor(phase),
    stacks: phase.stacks.map((name) => {
      const stack = changed.find(({ report }) => report.stack === name);
      const hosts = stack?.steps.flatMap((step) => hostOf(step.name)?.name ?? []) ?? [];
      return { name, changes: stack?.report.changes ?? totalChanges([]), hosts: [...new Set(hosts)].sort() };
    }),
  }));
}

const waitsFor = ({ verifyBefore }: Phase): string =>
  verifyBefore.length > 0 ? `begins when all hosts of ${verifyBefore.join(", ")} are as declared` : "";
