import { rule } from "../../policies/rules/container-must-restart.ts";
import { ruleTests, unknown } from "./judging.ts";
import { container } from "./shown.ts";

ruleTests(rule, {
  refuses: [
    [
      "a container that stays away",
      [container({ restart: undefined })],
      "restart: the container stays away after its end or its host's; given no",
    ],
    [
      "one that comes back after a failure alone",
      [container({ restart: "on-failure" })],
      "restart: the container stays away after its end or its host's; given on-failure",
    ],
  ],
  permits: [["a container that comes back", [container(), container({ restart: "always" }, { service: "keepalived" })]]],
  waitsFor: [["a policy that depends on another resource", [container({ restart: unknown })]]],
});
