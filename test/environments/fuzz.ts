import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { isMap, parseDocument, visit } from "yaml";
import { platformText, problemsOf } from "./broken.ts";

const lab = platformText("lab");

/** Every path of the lab's file, as keys. */
const paths: string[][] = [];
visit(parseDocument(lab), {
  Pair(_, pair, ancestors) {
    const keys = ancestors.filter((step) => typeof step === "object" && "key" in step).map(({ key }) => String(key));
    paths.push([...keys, String(pair.key)]);
  },
});

const value = fc.oneof(
  fc.constantFrom(null, "", "r1", "10.77.0.0/16", "10.77.111.9", "platform", "a/b", -1, 0, 1.5, 70_000, true, [], {}),
  fc.jsonValue({ maxDepth: 3 }),
);

/** Properties of what reads an environment file, tried with so many files each. */
export function fuzz(numRuns: number): void {
  test("whatever stands at any place of the file, the answer is a list of problems, never a crash", () => {
    assert.ok(paths.length > 300);
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom(...paths), value), { minLength: 1, maxLength: 4 }), (edits) => {
        const document = parseDocument(lab);
        for (const [path, replacement] of edits) {
          const parent = path.length > 1 ? document.getIn(path.slice(0, -1)) : document.contents;
          if (isMap(parent)) document.setIn(path, document.createNode(replacement));
        }
        for (const problem of problemsOf(document.toString())) assert.match(problem, /^[^\n]+: [^\n]+; fix: [^\n]+$/);
      }),
      { numRuns },
    );
  });

  test("whatever is missing from the file, the answer is a list of problems, never a crash", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...paths), { minLength: 1, maxLength: 3 }), (removed) => {
        const document = parseDocument(lab);
        for (const path of removed) {
          if (document.hasIn(path)) document.deleteIn(path);
        }
        assert.ok(Array.isArray(problemsOf(document.toString())));
      }),
      { numRuns },
    );
  });

  test("whatever is typed into the file's text, the answer is a list of problems, never a crash", () => {
    // Of all of Unicode but halves of pairs; fast-check's own unit for it first makes a table of a million characters.
    const codePoint = fc.oneof(fc.integer({ min: 0, max: 0xd7ff }), fc.integer({ min: 0xe000, max: 0x10ffff }));
    const typed = fc.oneof(
      fc.string(),
      fc.array(codePoint, { maxLength: 10 }).map((points) => String.fromCodePoint(...points)),
      fc.constantFrom("{", "]", "- ", ": ", "&a ", "*a", "!!x ", "|", "\n---\n", "? ", '"'),
    );
    fc.assert(
      fc.property(fc.nat(lab.length), typed, (at, inserted) => {
        assert.ok(Array.isArray(problemsOf(lab.slice(0, at) + inserted + lab.slice(at))));
      }),
      { numRuns },
    );
  });

  test("the paths above are those of the file", () => {
    const document = parseDocument(lab);
    assert.ok(paths.some((path) => path.join(".") === "sites.dc1.zones.platform.hosts.database.db1"));
    for (const path of paths) assert.ok(document.hasIn(path), path.join("."));
  });
}
