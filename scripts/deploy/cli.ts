import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { Command, InvalidArgumentError } from "commander";
import { defaultJobs } from "./plan.ts";

/** A command line of this folder: `npm run <name> -- <options>`. */
export const command = (name: string, description: string): Command =>
  new Command(`npm run ${name} --`)
    .description(description)
    .option("--verbose", "show the tools' own output")
    .helpOption("-h, --help", "show this")
    .showHelpAfterError("(--help shows what is allowed)");

/** Collects an option that can be given more than once. */
export const collect = (value: string, before: readonly string[]): string[] => [...before, value];

/** Reads `--jobs`. */
export function jobsOption(value: string): number {
  if (!/^[1-9][0-9]?$/.test(value))
    throw new InvalidArgumentError(`given ${JSON.stringify(value)}; allowed is a whole number from 1 to 99`);
  return Number(value);
}

/** How many stacks run at once on this machine when the user does not say. */
export function machineJobs(): number {
  const [, kib = "0"] = /^MemAvailable:\s+(\d+)/m.exec(readFileSync("/proc/meminfo", "utf8")) ?? [];
  return defaultJobs({ cores: availableParallelism(), availableMib: Number(kib) / 1024 });
}
