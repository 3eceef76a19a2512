import { isDeepStrictEqual } from "node:util";
import { parseFile } from "../../environments/model/parse.ts";

/** A field of the environment file that isn't as it was. */
export interface FileChange {
  readonly path: readonly string[];
  /** In the file as it is now; of what is gone, in the file as it was. */
  readonly line: number;
  readonly change: "added" | "removed" | "changed";
  readonly before?: unknown;
  readonly after?: unknown;
}

type Mapping = Readonly<Record<string, unknown>>;

/** What differs between two texts of an environment file, by what they say: neither comments nor the order of keys. */
export function fileChanges(before: string, after: string): FileChange[] {
  const [old, current] = [parseFile(before), parseFile(after)];
  const lineOf = (path: readonly string[], { locate }: typeof old): number => locate(path).line;
  const found: FileChange[] = [];
  const compare = (path: readonly string[], a: unknown, b: unknown): void => {
    if (isDeepStrictEqual(a, b)) return;
    if (isMapping(a) && isMapping(b)) {
      for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) compare([...path, key], a[key], b[key]);
      return;
    }
    const change = a === undefined ? "added" : b === undefined ? "removed" : "changed";
    const line = lineOf(path, change === "removed" ? old : current);
    found.push({ path, line, change, ...(a !== undefined && { before: a }), ...(b !== undefined && { after: b }) });
  };
  compare([], old.value, current.value);
  return found;
}

const isMapping = (value: unknown): value is Mapping => typeof value === "object" && value !== null && !Array.isArray(value);
