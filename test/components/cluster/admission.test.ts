import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { stringify } from "yaml";
import { keepingPods, placingPods } from "../../../components/cluster/placement.render.ts";
import { keepingNetworkPolicies } from "../../../components/cluster/policy-authors.render.ts";
import { matchesGolden } from "../../support/golden.ts";

for (const [name, spec] of Object.entries({
  "placing-pods": placingPods,
  "keeping-pods": keepingPods,
  "keeping-network-policies": keepingNetworkPolicies,
}))
  test(`what the API server enforces is what its golden file says: ${name}`, () =>
    matchesGolden(stringify(spec), join(import.meta.dirname, "golden", `${name}.yaml`)));

test("nothing passes where an expression fails, and who is refused hears what to do", () => {
  for (const { failurePolicy, validations } of [keepingPods, keepingNetworkPolicies]) {
    assert.equal(failurePolicy, "Fail");
    for (const { messageExpression, reason } of validations) {
      assert.equal(reason, "Forbidden");
      assert.match(messageExpression, /; (use|leave it out|declare)\b/);
    }
  }
});
