import assert from "node:assert/strict";
import { test } from "node:test";
import { stacksOf } from "../../environments/model/stack-names.ts";
import { readPlatform } from "../../scripts/deploy/platform.ts";
import { leftBehindProblems, type Rotation, rotationProblems, trustingStacks } from "../../stacks/rotation.ts";

const list = (...names: string[]) => names.map((name) => ({ name }));
const step = (recorded: string[], declared: string[]): Rotation => ({
  platform: "lab",
  recorded: list(...recorded),
  declared: list(...declared),
});

const sound: readonly (readonly [string[], string[]])[] = [
  [["a1"], ["a1"]],
  [["a1"], ["a1", "a2"]],
  [
    ["a1", "a2"],
    ["a2", "a1"],
  ],
  [["a2", "a1"], ["a2"]],
  [
    ["a1", "a2"],
    ["a1", "a3"],
  ],
  [["a1", "a2"], ["a1"]],
  [[], ["a1"]],
];

for (const [recorded, declared] of sound) {
  test(`the step from [${recorded}] to [${declared}] leaves nothing untrusted`, () => {
    assert.deepEqual(rotationProblems(step(recorded, declared)), []);
  });
}

const steps = "go in three steps, with an up of all stacks after each: [a1, <new>], [<new>, a1], [<new>]";

test("an authority that hosts do not trust yet must not issue", () => {
  assert.deepEqual(rotationProblems(step(["a1"], ["a2", "a1"])), [
    `trust.authorities: a2 would issue before hosts trust it; ${steps}`,
  ]);
});

test("the authority that issues must not go", () => {
  assert.deepEqual(rotationProblems(step(["a1", "a2"], ["a2"])), [
    `trust.authorities: a1 would go while it issues, and what it signed would be trusted nowhere; ${steps}`,
  ]);
  assert.equal(rotationProblems(step(["a1"], ["a2"])).length, 2);
});

const takenUp = (entries: Record<string, string[]>): Map<string, string[]> => new Map(Object.entries(entries));

test("an authority issues only when every stack's hosts trust it", () => {
  const second = step(["a1", "a2"], ["a2", "a1"]);
  assert.deepEqual(leftBehindProblems(second, takenUp({ "lab-dc1-office": ["a1", "a2"] })), []);
  assert.deepEqual(leftBehindProblems(second, takenUp({ "lab-dc1-office": ["a1"], "lab-dc2-office": ["a1", "a2"] })), [
    "trust.authorities: the step before this one has not reached lab-dc1-office; put the list [a1, a2] back, run: npm run up -- --platform lab, then take this step again",
  ]);
});

test("an authority goes only when no stack lives on its certificates any more; one that never issued goes at any time", () => {
  const third = step(["a2", "a1"], ["a2"]);
  assert.deepEqual(leftBehindProblems(third, takenUp({ "lab-dc1-office": ["a2", "a1"] })), []);
  assert.equal(leftBehindProblems(third, takenUp({ "lab-dc1-office": ["a1", "a2"] })).length, 1);
  assert.deepEqual(leftBehindProblems(step(["a1", "a2"], ["a1"]), takenUp({ "lab-dc1-office": ["a1"] })), []);
});

test("every zone, every core and every site's services have to take a step before the next one", () => {
  const { topology } = readPlatform("reference");
  const trusting = trustingStacks(stacksOf(topology));
  assert.equal(trusting.length, 2 * (5 + 1 + 1));
  for (const stack of [
    "reference-dc1",
    "reference-dc2",
    "reference-dc1-platform",
    "reference-dc2-office",
    "reference-dc1-services",
  ])
    assert.ok(trusting.includes(stack), stack);
  assert.equal(leftBehindProblems(step(["a1", "a2"], ["a2", "a1"]), takenUp({ "lab-dc1": ["a1"] })).length, 1);
});
