import { rule } from "../../policies/rules/container-must-end-gracefully.ts";
import { ruleTests, unknown } from "./judging.ts";
import { container } from "./shown.ts";

ruleTests(rule, {
  refuses: [
    [
      "a container that is killed at once",
      [container({ destroyGraceSeconds: undefined })],
      "destroyGraceSeconds: the container is killed at once when it is replaced; given none",
    ],
    [
      "one without time",
      [container({ destroyGraceSeconds: 0 })],
      "destroyGraceSeconds: the container is killed at once when it is replaced; given 0",
    ],
  ],
  permits: [["a container with time to end", [container()]]],
  waitsFor: [["a time that depends on another resource", [container({ destroyGraceSeconds: unknown })]]],
});
