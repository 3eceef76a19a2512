import { rule } from "../../policies/rules/container-must-rotate-logs.ts";
import { ruleTests, unknown } from "./judging.ts";
import { container } from "./shown.ts";

ruleTests(rule, {
  refuses: [
    ["the engine's default", [container({ logDriver: undefined })], "logDriver: where the log goes is left to each engine"],
    ["a log without a bound", [container({ logOpts: undefined })], "logOpts: the log grows until the disk is full; given {}"],
    [
      "one file of unlimited size",
      [container({ logOpts: { "max-file": "3", "max-size": "-1" } })],
      "logOpts: the log grows until the disk is full",
    ],
  ],
  permits: [["a bounded log", [container()]]],
  waitsFor: [["a size that depends on another resource", [container({ logOpts: { "max-file": "3", "max-size": unknown } })]]],
});
