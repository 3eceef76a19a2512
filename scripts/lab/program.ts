import { readFileSync } from "node:fs";

// What programs of the lab share: each runs as a process of its own, reads a file with its settings (secrets among them, so it is only
// its owner's), prints lines of JSON, and ends when its standard input does, also because the command was killed.

let ended = false;
const end = (): void => {
  ended = true;
};

/** The settings in the file that the first argument names. */
export function settingsOf<T>(): T {
  process.stdin.on("end", end).on("error", end).resume();
  process.stdout.on("error", end);
  return JSON.parse(readFileSync(process.argv[2] ?? "", "utf8")) as T;
}

export const hasEnded = (): boolean => ended;

export const say = (line: unknown): void => void process.stdout.write(`${JSON.stringify(line)}\n`);
