import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { loadEnvironment, platforms } from "../../environments/model/load.ts";
import { stacksOf } from "../../environments/model/stack-names.ts";
import { topologyOf } from "../../environments/model/topology-of.ts";
import { fakeLab, previewWithMocks } from "../support/mock-stack.ts";

// A renamed resource is a deleted and a new one. When a list changed on purpose: UPDATE_GOLDEN=1 npm run test:unit -- golden
const golden = join(import.meta.dirname, "golden");
let lab: ReturnType<typeof fakeLab>;

before(() => {
  lab = fakeLab();
  process.env["TANDEM_LAB"] = lab.directory;
});
after(() => {
  lab.remove();
  delete process.env["TANDEM_LAB"];
});

for (const platform of platforms()) {
  for (const stack of stacksOf(topologyOf(loadEnvironment(platform, {})))) {
    test(`stack ${stack.name} registers the resources of its golden list`, async () => {
      const found = (await previewWithMocks(stack.name)).map(({ type, name }) => `${type} ${name}`).sort();
      assert.equal(new Set(found).size, found.length, "a resource is registered twice");
      const file = join(golden, `${stack.name}.txt`);
      if (process.env["UPDATE_GOLDEN"]) {
        mkdirSync(golden, { recursive: true });
        writeFileSync(file, `${found.join("\n")}\n`);
      }
      assert.deepEqual(found, readFileSync(file, "utf8").trimEnd().split("\n"));
    });
  }
}
