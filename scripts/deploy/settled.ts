import { existsSync, globSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { checkout } from "../console/directories.ts";
import { writeWhole } from "../console/files.ts";
import { digestOf } from "../toolchain/cache.ts";
import type { DeployedPlatform } from "./surroundings.ts";

// A lab whose last up brought every stack to what is declared, and of which nothing has changed since that a stack's program or the engine
// reads: there is nothing to find, and 16 previews would take most of a start's time. Only a lab: on real machines the engine is asked each time.

/** What depends on the time alone, as the renewal of a certificate, is looked at again after so many hours. */
const validHours = 12;

const readOfCheckout = [
  "{components,environments,stacks,scripts/toolchain/plugins}/**/*",
  "Pulumi.yaml",
  "package.json",
  "package-lock.json",
];
const readOfLab = ["lab.json", "known_hosts", "id_ed25519.pub", "hosts/**/*.pub"];
/** What an up itself writes. */
const writtenInLab = ["project/config/*", "state/.pulumi/stacks/**/*.json"];

/** A digest of all that the stacks of a lab read, but for what an `up` writes. */
export function inputsOf({ lab, project }: DeployedPlatform): string {
  const home = project.engineEnv["PULUMI_HOME"] ?? "";
  return digest([
    ...filesOf(checkout, readOfCheckout),
    ...(lab ? filesOf(lab.directory, readOfLab) : []),
    ...filesOf(home, ["engine.json"]),
  ]);
}

/** Whether the lab is as the last whole `up` left it, so that no stack can have anything to change. */
export function isSettled(platform: DeployedPlatform, inputs: string): boolean {
  const record = recordOf(platform);
  if (record === undefined || !existsSync(record)) return false;
  const hours = (Date.now() - statSync(record).mtimeMs) / 3_600_000;
  return hours < validHours && readFileSync(record, "utf8") === recordText(platform, inputs);
}

/** Remembers that every stack of a lab is as declared by these inputs: those of the run's beginning, whatever was edited meanwhile. */
export function recordSettled(platform: DeployedPlatform, inputs: string): void {
  const record = recordOf(platform);
  if (record !== undefined) writeWhole(record, recordText(platform, inputs));
}

const recordOf = ({ lab }: DeployedPlatform): string | undefined => lab && join(lab.directory, "settled");

const recordText = ({ lab }: DeployedPlatform, inputs: string): string =>
  `${inputs} ${digest(lab ? filesOf(lab.directory, writtenInLab) : [])}\n`;

const digest = (files: readonly string[]): string => digestOf(files, files);

const filesOf = (directory: string, patterns: readonly string[]): string[] =>
  globSync([...patterns], { cwd: directory, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
