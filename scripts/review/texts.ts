import { structuredPatch } from "diff";
import type { Step } from "../deploy/steps.ts";
import type { HostPlace } from "./places.ts";
import { groupOf } from "./places.ts";

/** A text that a change writes to hosts, shown of one of them. */
export interface TextChange {
  /** As in `database-configuration`. */
  readonly name: string;
  /** As in `database hosts of dc1-platform`. */
  readonly of: string;
  readonly hosts: readonly string[];
  /** Lines of a unified diff; empty of a secret text. */
  readonly lines: readonly string[];
}

/** What a resource writes, a file's text, or else what is run on the host; undefined where the engine hides it. */
function textOf(inputs: Step["before"]): string | undefined {
  const text = inputs["stdin"] ?? inputs["create"] ?? "";
  return typeof text === "string" ? text : undefined;
}

/** Texts of host commands that differ, once for all hosts of a group on which they differ by the same lines. */
export function textChanges(steps: readonly Step[], hostOf: (resource: string) => HostPlace | undefined): TextChange[] {
  const found = new Map<string, TextChange & { readonly hosts: string[] }>();
  for (const step of steps) {
    const host = step.type === "command:remote:Command" && step.op === "update" ? hostOf(step.name) : undefined;
    if (!host) continue;
    const [before, after] = [textOf(step.before), textOf(step.after)];
    const isHidden = before === undefined || after === undefined;
    if (isHidden ? !step.paths.some((path) => path === "stdin" || path === "create") : before === after) continue;
    const name = step.name.replace(`-${host.name}`, "");
    const lines = isHidden ? [] : differing(before, after);
    const of = groupOf(host);
    // Of a host's own names and addresses nobody needs to see more than one.
    const key = [name, of, ...lines.map((line) => line.replaceAll(/[0-9a-f:.]*[0-9]+[0-9a-f:.]*/g, "#"))].join("\n");
    const known = found.get(key);
    if (known) known.hosts.push(host.name);
    else found.set(key, { name, of, hosts: [host.name], lines });
  }
  return [...found.values()];
}

function differing(before: string, after: string): string[] {
  const { hunks } = structuredPatch("before", "after", before, after, "", "", { context: 1 });
  const own = hunks.map(({ lines }) => lines.filter((line) => !line.startsWith("\\")));
  return own.flatMap((lines, index) => [...(index > 0 ? ["…"] : []), ...lines]);
}
