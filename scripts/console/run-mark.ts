import { readdirSync, readFileSync } from "node:fs";

/** Name of the environment variable that holds the mark of the run that a process belongs to. */
export const runVariable = "TANDEM_RUN";

/** A process as no later one can be: ids are used again, id and start time together are not. */
export function processMark(pid: number): string | undefined {
  const start = startOf(pid);
  return start === undefined ? undefined : `${pid}:${start}`;
}

/** Whether the run with this mark still lives. */
export function isLiveRun(mark: string): boolean {
  return processMark(Number(mark.split(":")[0])) === mark;
}

/** Ticks from the machine's start to the process's. */
export function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The command's name, in parentheses, can hold blanks; the start is the 20th field behind it.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

/** The words of a process's environment or command line; none where it has ended. */
export function readNulSeparated(path: string): string[] {
  try {
    return readFileSync(path, "utf8").split("\0").filter(Boolean);
  } catch {
    return [];
  }
}

/** Every process that is there, with its environment. */
export const processes = (): { readonly pid: number; readonly environment: readonly string[] }[] =>
  readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((name) => ({ pid: Number(name), environment: readNulSeparated(`/proc/${name}/environ`) }));
