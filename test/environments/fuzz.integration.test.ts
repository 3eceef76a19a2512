import assert from "node:assert/strict";
import { test } from "node:test";
import { isMap, isScalar, parseDocument } from "yaml";
import { platformText, problemsOf } from "./broken.ts";
import { fuzz } from "./fuzz.ts";

fuzz(100);

/** Mappings whose keys are names that the user gives to things. */
const named = [
  ["sites"],
  ["sites", "dc1", "racks"],
  ["sites", "dc1", "zones"],
  ["sites", "dc1", "zones", "platform", "hosts", "database"],
  ["sites", "dc1", "zones", "platform", "hosts", "worker"],
  ["sites", "dc1", "zones", "platform", "vips"],
  ["zones"],
  ["networks"],
  ["flows"],
];
const hostile = [
  "a'b",
  'a"b',
  "a b",
  "a;b",
  "a&b",
  "a|b",
  "a$b",
  "$(id)",
  "`id`",
  "a\\b",
  "a#b",
  "a{b}",
  "../a",
  "-a",
  "",
  "a\nb",
  "a\u0000b",
  "\u202ea",
  "\u00e4",
  "a".repeat(64),
];

test("a name with what a shell or a configuration reads as its own is refused, whatever it names", () => {
  let tried = 0;
  for (const platform of ["lab", "reference"]) {
    const text = platformText(platform);
    for (const path of named)
      for (const name of hostile) {
        const document = parseDocument(text);
        const map = document.getIn(path);
        if (!isMap(map)) continue;
        const [first] = map.items;
        if (!first || !isScalar(first.key)) continue;
        first.key.value = name;
        const problems = problemsOf(document.toString());
        assert.ok(problems.length > 0, `${path.join(".")}: ${JSON.stringify(name)}`);
        for (const problem of problems) assert.match(problem, /^[\x20-\x7e\u00e4]+; fix: [^\n]+$/);
        tried++;
      }
  }
  assert.ok(tried > 200, `${tried}`);
});
