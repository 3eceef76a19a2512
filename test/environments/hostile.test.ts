import assert from "node:assert/strict";
import { test } from "node:test";
import { problemsOf } from "./broken.ts";

/** Seconds of processor time since a former measurement: other work on the machine does not count. */
function secondsSince(start: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1e6;
}

/** Hostile text must be refused with these problems, and within a second of processor time. */
function refused(promise: string, text: string, ...expected: string[]): void {
  test(promise, () => {
    const start = process.cpuUsage();
    assert.deepEqual(problemsOf(text), expected);
    assert.ok(secondsSince(start) < 1, `took ${secondsSince(start)} s`);
  });
}

const bomb = [
  "a: &a [x, x, x, x, x, x, x, x, x]",
  ...[..."bcdefgh"].map((key, index) => `${key}: &${key} [${`*${"abcdefg"[index]}, `.repeat(9)}]`),
];
test("an alias bomb is refused, every anchor and alias of it named, quickly", () => {
  const start = process.cpuUsage();
  const problems = problemsOf(`${bomb.join("\n")}\n`);
  assert.ok(secondsSince(start) < 1, `took ${secondsSince(start)} s`);
  assert.equal(problems.length, 8 + 7 * 9);
  assert.equal(problems[0], "a: an anchor; given &a; fix: remove it and write values out");
  assert.equal(problems[2], "b[0]: an alias; given *a; fix: write the value out");
});

refused(
  "a file over a megabyte is not parsed",
  "#".repeat(1_048_577),
  "the file: too large; given 1048577 bytes; allowed 1048576 bytes; fix: split the platform",
);
refused(
  "deep brackets are refused before the parser recurses",
  `a: ${"[".repeat(500_000)}`,
  "the file: nested too deeply; allowed 12 levels; fix: follow the schema",
);
refused(
  "deep indentation is refused before the parser recurses",
  Array.from({ length: 1000 }, (_, index) => `${" ".repeat(index)}a:`).join("\n"),
  "the file: nested too deeply; allowed 12 levels; fix: follow the schema",
);
refused(
  "compact lists in lists are refused before the parser recurses",
  `${"- ".repeat(300_000)}a`,
  "the file: nested too deeply; allowed 12 levels; fix: follow the schema",
);
for (const key of ["__proto__", "constructor", "prototype"]) {
  refused(
    `the key ${key} is refused`,
    `zones:\n  ${key}: { polluted: true }\n`,
    `zones.${key}: a reserved key; given ${key}; fix: use another name`,
  );
}
test("a refused __proto__ has polluted nothing", () => {
  problemsOf('{"__proto__": {"polluted": true}}');
  assert.equal(Reflect.get({}, "polluted"), undefined);
});
refused(
  "the same key twice is refused",
  "platform: lab\nplatform: demo\n",
  "platform: the same key twice; given platform; fix: keep one of them",
);
refused(
  "a second document is refused",
  "a: 1\n---\nb: 1\n",
  "the file: more than one YAML document; allowed one; fix: remove the line --- and what follows",
);
refused("a tag is refused", "platform: !!binary aGVsbG8=\n", 'platform: a tag; given "tag:yaml.org,2002:binary"; fix: remove it');
refused(
  "a key that is a mapping is refused",
  "? { a: 1 }\n: 2\n",
  '"?": a key that is not text; allowed names; fix: quote it or rename it',
);

const hidden = {
  NUL: "\u0000",
  escape: "\u001b",
  bell: "\u0007",
  tab: "\t",
  "right-to-left mark": "\u202e",
  "zero-width space": "\u200b",
  "line separator": "\u2028",
};
for (const [name, character] of Object.entries(hidden)) {
  const code = character.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0");
  refused(
    `a ${name} in the text is refused`,
    `platform: la${character}b\n`,
    `the file: a control or invisible character; given U+${code}; allowed text, spaces and line ends; fix: remove the character (indent with spaces)`,
  );
}
refused(
  "a right-to-left mark written as an escape is refused, and shown as one",
  'platform: "la\\u202eb"\n',
  'platform: a control or invisible character in a text; given "la\\u202eb"; fix: remove the character',
);
refused(
  "an empty file is refused",
  "",
  "the file: empty; allowed one YAML document; fix: describe a platform; see environments/lab.yaml",
);

for (const name of [
  "a'b",
  'a"b',
  "a;b",
  "a$b",
  "a`b",
  "a b",
  "../a",
  "a\\b",
  "A",
  "1a",
  "a-b",
  "é",
  "a{b}",
  "",
  "a".repeat(40),
]) {
  test(`the platform name ${JSON.stringify(name)} is refused`, () => {
    const problems = problemsOf(`platform: ${JSON.stringify(name)}\n`);
    assert.ok(
      problems.some((problem) => problem.startsWith("platform: not a value that can be used here; given ")),
      problems.join("\n"),
    );
  });
}
test("ten thousand unknown keys are refused within two seconds", () => {
  const start = process.cpuUsage();
  const text = Array.from({ length: 10_000 }, (_, index) => `key${index}: 1`).join("\n");
  assert.ok(problemsOf(text).length >= 10_000);
  assert.ok(secondsSince(start) < 2, `took ${secondsSince(start)} s`);
});
