import assert from "node:assert/strict";
import { join } from "node:path";
import { before, test } from "node:test";
import { execa } from "execa";
import { loadEnvironment, platforms } from "../../environments/model/load.ts";
import { stacksOf } from "../../environments/model/stack-names.ts";
import { topologyOf } from "../../environments/model/topology-of.ts";
import { matchesGolden } from "../support/golden.ts";

// A renamed resource is a deleted and a new one.
const program = join(import.meta.dirname, "../support/registered-resources.ts");
const registered: Record<string, string[]> = {};

before(async () => {
  const lists = await Promise.all(platforms().map((platform) => execa(process.execPath, [program, platform])));
  for (const { stdout } of lists) Object.assign(registered, JSON.parse(stdout));
});

for (const platform of platforms()) {
  for (const { name } of stacksOf(topologyOf(loadEnvironment(platform, {})))) {
    test(`stack ${name} registers the resources of its golden list`, () => {
      const found = registered[name] ?? [];
      assert.equal(new Set(found).size, found.length, "a resource is registered twice");
      matchesGolden(`${found.join("\n")}\n`, join(import.meta.dirname, "golden", `${name}.txt`));
    });
  }
}
