import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { log } from "../console/log.ts";
import { clientOf } from "./daemon.ts";
import type { Lab } from "./instance.ts";

/** A program of ours that runs. */
export interface Running<Line> {
  /** What it has said so far. */
  readonly lines: readonly Line[];
  /** Lets it end what it is doing; kills it when that takes too long. */
  readonly end: () => Promise<void>;
  /** When it has ended, by itself or not. */
  readonly ended: Promise<void>;
}

const patienceMs = 5_000;

interface Circumstances {
  readonly directory: string;
  readonly name: string;
  readonly network?: string;
  /**
   * Whether it lets all else go first. Without, one program has as much of the processors as all of the lab's containers together, whose control
   * groups share one group's part (https://man7.org/linux/man-pages/man7/sched.7.html).
   */
  readonly yields?: boolean;
}

/**
 * Starts a program, named by its path below this folder, in a network where its file is named. The settings pass through a file that only its
 * owner reads.
 */
export function startProgram<Line>(
  program: string,
  settings: object,
  { directory, name, network, yields = false }: Circumstances,
): Running<Line> {
  const file = join(directory, `${name}.json`);
  writeFileSync(file, JSON.stringify(settings), { mode: 0o600 });
  const node = [process.execPath, join(import.meta.dirname, `${program}.ts`), file];
  const entered = network === undefined ? node : ["nsenter", `--net=${network}`, ...node];
  const [command = "", ...words] = yields ? ["nice", "-n", "19", ...entered] : entered;
  // No signal of the terminal reaches it: it goes on until the command has healed what it broke.
  const child = spawn(command, words, {
    stdio: ["pipe", "pipe", "pipe"],
    detached: true,
    env: { PATH: process.env["PATH"] ?? "" },
  });
  const lines: Line[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => lines.push(JSON.parse(line) as Line));
  createInterface({ input: child.stderr }).on("line", (line) => log(`${name}: ${line}`));
  child.stdin.on("error", () => {});
  const ended = once(child, "close").then(
    () => {},
    (error: unknown) => log(`${name}: ${(error as Error).message}`),
  );
  return {
    lines,
    ended,
    end: async () => {
      child.stdin.end();
      const timer = setTimeout(() => child.kill("SIGKILL"), patienceMs);
      await ended;
      clearTimeout(timer);
    },
  };
}

/** A container's network, as this machine finds it. */
export async function networkOf(lab: Pick<Lab, "dockerHost">, container: string): Promise<string> {
  const { State } = await clientOf(lab.dockerHost).getContainer(container).inspect();
  return `/proc/${State.Pid}/ns/net`;
}
