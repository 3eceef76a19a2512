import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { stringify } from "yaml";
import { keepingNodePorts } from "../../../components/cluster/node-ports.render.ts";
import { keepingPods, placingPods } from "../../../components/cluster/placement.render.ts";
import { keepingNetworkPolicies } from "../../../components/cluster/policy-authors.render.ts";
import { matchesGolden } from "../../support/golden.ts";

for (const [name, spec] of Object.entries({
  "placing-pods": placingPods,
  "keeping-pods": keepingPods,
  "keeping-network-policies": keepingNetworkPolicies,
  "keeping-node-ports": keepingNodePorts,
}))
  test(`what the API server enforces is what its golden file says: ${name}`, () =>
    matchesGolden(stringify(spec), join(import.meta.dirname, "golden", `${name}.yaml`)));

test("nothing passes where an expression fails, and who is refused hears what to do", () => {
  for (const { failurePolicy, validations } of [keepingPods, keepingNetworkPolicies, keepingNodePorts]) {
    assert.equal(failurePolicy, "Fail");
    for (const { reason, ...said } of validations) {
      assert.equal(reason, "Forbidden");
      assert.match(Object.values(said).join("\n"), /; (use|leave it out|declare|take)\b|must be/);
    }
  }
});
