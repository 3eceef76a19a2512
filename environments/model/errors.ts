import type { Path } from "./placements.ts";

/** One thing that is wrong with an environment file. */
export interface Problem {
  /** Where: keys from the file's root. */
  readonly path: Path;
  readonly what: string;
  readonly given?: string;
  readonly allowed?: string;
  readonly fix: string;
  /** About something that is not there: not said where it may only have been left out because it could not be read. */
  readonly absence?: boolean;
}

/** Line and column of a path in the file, from 1. */
export type Locate = (path: Path) => { readonly line: number; readonly column: number };

const mostShown = 200;

/** Everything that is wrong with an environment file, in the file's order. */
export class EnvironmentError extends Error {
  override readonly name = "EnvironmentError";
  readonly problems: readonly Problem[];

  constructor(file: string, problems: readonly Problem[], locate: Locate = () => ({ line: 1, column: 1 })) {
    const placed = problems
      .map((problem) => ({ problem, ...locate(problem.path) }))
      .sort((a, b) => a.line - b.line || a.column - b.column);
    const lines = placed
      .slice(0, mostShown)
      .map(({ problem, line, column }) => `${file}:${line}:${column}  ${problemText(problem)}`);
    const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
    const cut = problems.length > mostShown ? `, of which the first ${mostShown} are shown` : "";
    super(`${lines.join("\n")}\n${file}: ${count}${cut}; nothing was changed`);
    this.problems = placed.map(({ problem }) => problem);
  }
}

/** `path: what; given …; allowed …; fix …` */
export function problemText({ path, what, given, allowed, fix }: Problem): string {
  const parts = [what, given !== undefined && `given ${given}`, allowed !== undefined && `allowed ${allowed}`, `fix: ${fix}`];
  return `${pathText(path)}: ${parts.filter((part) => part !== false).join("; ")}`;
}

export function pathText(path: Path): string {
  if (path.length === 0) return "the file";
  return path.map((key, index) => (typeof key === "number" ? `[${key}]` : `${index === 0 ? "" : "."}${shown(key)}`)).join("");
}

const longest = 80;

/** A value as it can safely be shown on a terminal: quoted where it is text, escaped, cut. */
export function shown(value: unknown): string {
  if (typeof value === "string" && /^[A-Za-z0-9_./:@-]{1,80}$/.test(value)) return value;
  const text = JSON.stringify(value) ?? String(value);
  const escaped = text.replaceAll(/[^\x20-\x7e]/g, (char) =>
    /[\p{L}\p{N}]/u.test(char) ? char : `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return escaped.length > longest ? `${escaped.slice(0, longest)}… (${text.length} characters)` : escaped;
}
