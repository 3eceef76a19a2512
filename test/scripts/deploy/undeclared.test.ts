import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { howToRemove, undeclaredStacks } from "../../../scripts/deploy/undeclared.ts";

const stacks = [{ name: "lab-trust", kind: "trust", order: 0, after: [] }] as const;

describe("stacks that are no longer declared", () => {
  it("are the platform's own that hold something and that its file does not name", () => {
    const sizes = new Map([
      ["lab-trust", 4],
      ["lab-dc1-old", 3],
      ["lab-dc1-emptied", 0],
      ["reference-dc1-old", 3],
    ]);
    assert.deepEqual(undeclaredStacks({ name: "lab", stacks }, sizes), ["lab-dc1-old"]);
  });

  it("are told with how to remove them", () => {
    assert.match(howToRemove("lab", ["lab-dc1-old"]), /npm run pulumi -- destroy --remove --stack lab-dc1-old/);
  });
});
