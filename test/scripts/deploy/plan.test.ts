import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import {
  defaultJobs,
  inOrder,
  leftOutCounterparts,
  type Placed,
  phasesOf,
  withDependents,
} from "../../../scripts/deploy/plan.ts";
import { readPlatform } from "../../../scripts/deploy/platform.ts";

const zone = { kind: "zone", zone: "platform" };
const stacks: Placed[] = [
  { name: "trust", after: [], kind: "trust" },
  { name: "dc2-platform", after: ["trust"], site: "dc2", ...zone },
  { name: "dc2", after: ["dc2-platform"], site: "dc2", kind: "core" },
  { name: "dc1-platform", after: ["trust"], site: "dc1", ...zone },
  { name: "dc1", after: ["dc1-platform"], site: "dc1", kind: "core" },
];
const all = new Set(stacks.map(({ name }) => name));
const standby = ["dc2"];

describe("the order of stacks", () => {
  it("puts each stack behind all that it waits for, whatever order they are given in", () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(stacks, { minLength: stacks.length }), (shuffled) => {
        const names = inOrder(shuffled).map(({ name }) => name);
        for (const { name, after } of stacks) for (const before of after) assert.ok(names.indexOf(before) < names.indexOf(name));
      }),
    );
  });

  it("refuses a circle with the names of those in it", () => {
    const circle = [
      { name: "a", after: ["b"] },
      { name: "b", after: ["a"] },
    ];
    assert.throws(() => inOrder(circle), /circle: a, b/);
  });

  it("takes along all that reads from a changed stack", () => {
    assert.deepEqual([...withDependents(new Set(["dc2-platform"]), stacks)], ["dc2-platform", "dc2"]);
    assert.deepEqual(withDependents(new Set(["trust"]), stacks), all);
  });
});

describe("a rollout", () => {
  it("is one parallel phase when nothing was deployed before", () => {
    const phases = phasesOf({ stacks, deployed: new Set(), changed: all, standby });
    assert.deepEqual(
      phases.map(({ title, verifyBefore }) => [title, verifyBefore]),
      [["first deployment", []]],
    );
  });

  it("changes the standby site first, verifies it, and only then the active site", () => {
    const phases = phasesOf({ stacks, deployed: all, changed: all, standby });
    assert.deepEqual(phases, [
      { title: "shared by the sites", stacks: ["trust"], verifyBefore: [] },
      { title: "standby site", stacks: ["dc2-platform", "dc2"], verifyBefore: [] },
      { title: "active site", stacks: ["dc1-platform", "dc1"], verifyBefore: ["dc2-platform", "dc2"] },
    ]);
  });

  it("verifies all of the standby site before the active site, also when an earlier run changed it and this one does not", () => {
    const phases = phasesOf({ stacks, deployed: all, changed: new Set(["dc1"]), standby });
    assert.deepEqual(phases, [{ title: "active site", stacks: ["dc1"], verifyBefore: ["dc2-platform", "dc2"] }]);
  });

  it("never touches the active site without a look at what is deployed at the standby, but in a first deployment", () => {
    const some = fc.subarray([...all]);
    fc.assert(
      fc.property(some, fc.subarray([...all], { minLength: 1 }), (changed, deployed) => {
        for (const phase of phasesOf({ stacks, deployed: new Set(deployed), changed: new Set(changed), standby })) {
          if (!phase.stacks.some((name) => name.startsWith("dc1"))) continue;
          const there = ["dc2-platform", "dc2"].filter((name) => deployed.includes(name) || changed.includes(name));
          assert.deepEqual(phase.verifyBefore, there);
        }
      }),
    );
  });

  it("knows the standby's counterparts of active stacks that the user chose alone", () => {
    const counterparts = (chosen: string[], deployed: ReadonlySet<string>): string[] =>
      leftOutCounterparts({ stacks, deployed, changed: new Set(chosen), standby }, chosen);
    assert.deepEqual(counterparts(["dc1"], all), ["dc2"]);
    assert.deepEqual(counterparts(["dc1-platform", "dc1"], all), ["dc2-platform", "dc2"]);
    assert.deepEqual(counterparts(["dc1", "dc2"], all), []);
    assert.deepEqual(counterparts(["trust", "dc2"], all), []);
    assert.deepEqual(counterparts(["dc1"], new Set(["trust"])), []);
    assert.deepEqual(counterparts(["dc1"], new Set(["dc2-platform"])), ["dc2"]);
  });

  it("asks nothing of counterparts that the user chose too and that do not change", () => {
    assert.deepEqual(leftOutCounterparts({ stacks, deployed: all, changed: new Set(["dc1"]), standby }, [...all]), []);
  });

  it("never has stacks of both sites in one phase once something is deployed", () => {
    const some = fc.subarray([...all]);
    fc.assert(
      fc.property(some, fc.subarray([...all], { minLength: 1 }), (changed, deployed) => {
        for (const phase of phasesOf({ stacks, deployed: new Set(deployed), changed: new Set(changed), standby })) {
          const sites = new Set(phase.stacks.map((name) => stacks.find((stack) => stack.name === name)?.site));
          assert.equal(sites.size, 1, phase.title);
        }
      }),
    );
  });

  it("has no phase when nothing changes", () => {
    assert.deepEqual(phasesOf({ stacks, deployed: all, changed: new Set(), standby }), []);
  });
});

describe("the number of jobs", () => {
  it("is bounded by memory, one at least", () => {
    assert.equal(defaultJobs({ cores: 16, availableMib: 1_000 }), 2);
    assert.equal(defaultJobs({ cores: 16, availableMib: 100 }), 1);
  });

  it("is bounded by cores where memory is plenty", () => {
    assert.equal(defaultJobs({ cores: 2, availableMib: 64_000 }), 4);
  });
});

describe("a platform", () => {
  it("that there is none of is refused with those that there are and the nearest", () => {
    assert.throws(
      () => readPlatform("referense"),
      /"referense": there is no such platform; did you mean "reference"\?; allowed are lab, reference/,
    );
  });

  it("has 15 stacks in production and 16 in the lab, each after all that it waits for", () => {
    assert.equal(readPlatform("reference").stacks.length, 15);
    const { stacks: lab } = readPlatform("lab");
    assert.equal(lab.length, 16);
    for (const stack of lab)
      for (const name of stack.after) assert.ok((lab.find((each) => each.name === name)?.order ?? 99) < stack.order);
  });
});
