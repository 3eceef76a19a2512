import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { rules } from "../../policies/rules/index.ts";

const directory = join(import.meta.dirname, "..", "..", "policies", "rules");

test("each rule is in the file of its name, is among those that run, says where it comes from, and has tests", () => {
  const files = readdirSync(directory).filter((file) => file !== "index.ts");
  assert.deepEqual(
    rules.map(({ name }) => `${name}.ts`),
    files.sort(),
  );
  for (const { name, holds, source } of rules) {
    assert.ok(existsSync(join(import.meta.dirname, `${name}.test.ts`)), `${name} has tests`);
    assert.match(holds, /^[A-Z].*[^.]$/, name);
    assert.ok(source.length > 20, name);
    for (const [document] of source.matchAll(/(docs\/)?[\w-]+\.md|environments\/[\w/.-]+\.(ts|yaml)/g))
      assert.ok(existsSync(join(import.meta.dirname, "..", "..", document)), `${name} names ${document}`);
  }
});
