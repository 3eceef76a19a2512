import { readdirSync, readFileSync } from "node:fs";
import { UserError } from "../console/errors.ts";
import { waitFor } from "./wait.ts";

interface MachineProcess {
  readonly pid: number;
  readonly command: string;
}

const pids = (): number[] =>
  readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);

const read = (pid: number, file: string): string => {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return "";
  }
};

/** Daemons whose command line names a directory: `dockerd`, `containerd` and its shims. Whoever else names it (an editor, a shell) is not one. */
export function processesNaming(directory: string): MachineProcess[] {
  return pids().flatMap((pid) => {
    const parts = read(pid, "cmdline").split("\0");
    const program = parts[0]?.slice(parts[0].lastIndexOf("/") + 1) ?? "";
    const named = parts.slice(1).some((part) => part.includes(`${directory}/`));
    return named && /^(dockerd|containerd|containerd-shim.*)$/.test(program) ? [{ pid, command: program }] : [];
  });
}

/** All processes below the given ones. */
export function descendants(of: readonly number[]): number[] {
  const children = new Map<number, number[]>();
  for (const pid of pids()) {
    const stat = read(pid, "stat");
    const parent = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
    children.set(parent, [...(children.get(parent) ?? []), pid]);
  }
  const below = (pid: number): number[] => (children.get(pid) ?? []).flatMap((child) => [child, ...below(child)]);
  return of.flatMap(below);
}

/** Kills processes and returns when none is left. */
export async function endAll(list: readonly number[]): Promise<number> {
  const alive = (pid: number): boolean => {
    const stat = read(pid, "stat");
    return stat !== "" && !["Z", "X"].includes(stat.slice(stat.lastIndexOf(")") + 2)[0] ?? "");
  };
  const unique = [...new Set(list)].filter(alive);
  for (const pid of unique) {
    try {
      process.kill(pid, "SIGKILL");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  }
  if (!(await waitFor(() => !unique.some(alive), 10)))
    throw new UserError(
      `processes ${unique.filter(alive).join(", ")} can't be ended; see them with: ps -fp ${unique.filter(alive).join(",")}`,
    );
  return unique.length;
}
