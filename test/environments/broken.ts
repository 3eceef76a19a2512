import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { parse } from "yaml";
import { EnvironmentError, problemText } from "../../environments/model/errors.ts";
import { environmentsDirectory } from "../../environments/model/load.ts";
import { type ReadOptions, readEnvironment } from "../../environments/model/read-environment.ts";
import type { Topology } from "../../environments/model/topology.ts";
import { topologyOf } from "../../environments/model/topology-of.ts";

/** A place in a file, as in `sites dc1 zones platform`. */
export type Edit = (edit: { set(path: string, value: unknown): void; remove(path: string): void }) => void;

/** The text of a platform's file. */
export function platformText(platform: string): string {
  return readFileSync(join(environmentsDirectory, `${platform}.yaml`), "utf8");
}

const values = new Map<string, object>();

function copyOf(platform: string): object {
  const value = values.get(platform) ?? (parse(platformText(platform)) as object);
  values.set(platform, value);
  return structuredClone(value);
}

/** The text of a platform's file with something of it changed, as JSON, which is YAML too and quicker to write. */
export function edited(platform: string, edit: Edit): string {
  const root = copyOf(platform);
  const parentOf = (path: string): [parent: Record<string, unknown>, key: string] => {
    const keys = path.split(" ");
    const parent = keys
      .slice(0, -1)
      .reduce((value, key) => value[key] as Record<string, unknown>, root as Record<string, unknown>);
    return [parent, keys.at(-1) ?? ""];
  };
  edit({
    set: (path, value) => {
      const [parent, key] = parentOf(path);
      parent[key] = value;
    },
    remove: (path) => {
      const [parent, key] = parentOf(path);
      if (Array.isArray(parent)) parent.splice(Number(key), 1);
      else delete parent[key];
    },
  });
  return JSON.stringify(root);
}

export const topologyWith = (edit: Edit, platform = "reference"): Topology =>
  topologyOf(readEnvironment(edited(platform, edit), "test.yaml"));

/** What a text's problems say, one by one; empty when it is sound. */
export function problemsOf(text: string, options: ReadOptions = {}): string[] {
  try {
    readEnvironment(text, "test.yaml", options);
    return [];
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error;
    return error.problems.map(problemText);
  }
}

export interface Case {
  readonly promise: string;
  readonly platform: string;
  readonly edit: Edit;
  /** Every problem that the edited file has, in the file's order. */
  readonly problems: readonly string[];
}

/** One test a case: the edited file has exactly these problems. */
export function checkCases(cases: readonly Case[]): void {
  for (const { promise, platform, edit, problems } of cases) {
    test(promise, () => {
      assert.ok(problems.length > 0);
      assert.deepEqual(problemsOf(edited(platform, edit)), problems);
    });
  }
}
