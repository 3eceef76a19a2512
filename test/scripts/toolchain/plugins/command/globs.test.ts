import assert from "node:assert/strict";
import { test } from "node:test";
import { globExpression } from "../../../../../scripts/toolchain/plugins/command/globs.ts";

const table: [glob: string, yes: string[], no: string[]][] = [
  ["*.txt", ["a.txt", ".txt"], ["d/a.txt", "atxt"]],
  ["**.js", ["a.js", "d/e/a.js"], ["a.jsx"]],
  ["src/**", ["src/a", "src/b/c"], ["srca", "src"]],
  ["?[a-c][!x]", ["zaq"], ["zdq", "zax", "/aq"]],
  ["{one,t*o}.{md,txt}", ["one.md", "twoo.txt"], ["three.md"]],
  ["a\\*b+(c)", ["a*b+(c)"], ["axb+(c)"]],
];
for (const [glob, yes, no] of table) {
  test(`the glob ${glob} chooses what the official plugin's does`, () => {
    for (const path of yes) assert.match(path, globExpression(glob));
    for (const path of no) assert.doesNotMatch(path, globExpression(glob));
  });
}

test("an unfinished glob is an error that names it", () => {
  assert.throws(() => globExpression("a[b"), /"a\[b" has a \[ without its \]/);
  assert.throws(() => globExpression("a{b"), /"a\{b" has a \{ without its \}/);
});
