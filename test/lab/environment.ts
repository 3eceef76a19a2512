import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { own } from "./session.ts";

const fileOf = (): string => join(own.checkout, "environments", "lab.yaml");

/** Edits the environment file of the lab's own checkout; what it returns puts the text before back. */
export function editEnvironment(from: RegExp | string, to: string): () => void {
  const original = readFileSync(fileOf(), "utf8");
  const edited = original.replace(from, to);
  assert.notEqual(edited, original, `${from} is not in ${fileOf()}`);
  writeFileSync(fileOf(), edited);
  return () => writeFileSync(fileOf(), original);
}

const timings = "timings: { galeraSuspectSeconds: 1.2, podTolerationSeconds: 670 }\n";

/** Makes a change that every database node and every API server reads only when it starts; made already, it is taken back. */
export function toggleChangeOfAllMembers(): void {
  if (readFileSync(fileOf(), "utf8").includes(timings)) editEnvironment(timings, "");
  else editEnvironment(/^availability: fast\n/m, `$&${timings}`);
}
