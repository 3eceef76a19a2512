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
const registered: Record<string, { readonly resources: string[]; readonly probed: string[] }> = {};

before(async () => {
  const lists = await Promise.all(
    platforms().map((platform) => execa(process.execPath, ["--max-semi-space-size=64", program, platform])),
  );
  for (const { stdout } of lists) Object.assign(registered, JSON.parse(stdout));
});

for (const platform of platforms()) {
  for (const { name } of stacksOf(topologyOf(loadEnvironment(platform, {})))) {
    test(`stack ${name} registers the resources of its golden list`, () => {
      const found = registered[name]?.resources ?? [];
      assert.equal(new Set(found).size, found.length, "a resource is registered twice");
      matchesGolden(`${found.join("\n")}\n`, join(import.meta.dirname, "golden", `${name}.txt`));
    });

    test(`drift finds a probe of everything that stack ${name} runs on its hosts`, () => {
      const { resources = [], probed = [] } = registered[name] ?? {};
      const commands = resources.filter((resource) => resource.startsWith("command:remote:Command "));
      assert.deepEqual(
        probed,
        commands.map((resource) => resource.split(" ")[1]),
      );
    });
  }
}
