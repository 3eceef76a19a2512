import { parseFile } from "../../environments/model/parse.ts";
import { readEnvironment } from "../../environments/model/read-environment.ts";
import type { Topology } from "../../environments/model/topology.ts";
import { topologyOf } from "../../environments/model/topology-of.ts";
import type { FileChange } from "./file-changes.ts";
import type { Finder, Finding } from "./findings/finding.ts";

// Which field of which file has brought a finding about.

/** A field of the environment file, or a file of the program as a whole. */
export interface Cause {
  readonly file: string;
  readonly line?: number;
  /** As in `sites.dc1.role`. */
  readonly field?: string;
}

/** With more changes than these nobody reads which of them it was. */
const mostTried = 40;

/** Tries each change of the environment file alone: what is found then, is found because of it. */
export function causedFindings(
  before: { readonly text: string; readonly topology: Topology },
  changes: readonly FileChange[],
  find: Finder,
): Map<string, FileChange[]> {
  const causes = new Map<string, FileChange[]>();
  if (changes.length > mostTried) return causes;
  for (const change of changes) {
    const alone = withChange(before.text, change);
    if (!alone) continue;
    for (const finding of find(before.topology, alone)) {
      const key = keyOf(finding);
      causes.set(key, [...(causes.get(key) ?? []), change]);
    }
  }
  return causes;
}

export const keyOf = ({ subject, what }: Finding): string => `${subject}: ${what}`;

/** Undefined where the change makes no sense without the others. */
function withChange(text: string, { path, after }: FileChange): Topology | undefined {
  const value = structuredClone(parseFile(text).value) as Record<string, unknown>;
  const parent = path.slice(0, -1).reduce<Record<string, unknown> | undefined>((at, key) => at?.[key] as never, value);
  const last = path.at(-1);
  if (!parent || last === undefined) return undefined;
  if (after === undefined) delete parent[last];
  else parent[last] = after;
  try {
    return topologyOf(readEnvironment(JSON.stringify(value), "one change alone", { isPast: true }));
  } catch {
    return undefined;
  }
}

/** Of what the engine says, by the words that it shares with a field; all of them where it shares none. */
export function likelyCauses(words: string, changes: readonly FileChange[]): readonly FileChange[] {
  const own = new Set(words.split(/[^A-Za-z0-9]+/).filter((word) => word.length > 2));
  const near = changes.filter(({ path }) => path.some((part) => part.split(/[^A-Za-z0-9]+/).some((word) => own.has(word))));
  return near.length > 0 ? near : changes;
}
