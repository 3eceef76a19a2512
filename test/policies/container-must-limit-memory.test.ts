import { rule } from "../../policies/rules/container-must-limit-memory.ts";
import { ruleTests, unknown } from "./judging.ts";
import { container } from "./shown.ts";

ruleTests(rule, {
  refuses: [
    [
      "a container without a limit",
      [container({ memory: undefined })],
      "memory: the container may take all of its host's memory; given no limit",
    ],
    [
      "one that may swap",
      [container({ memorySwap: -1 })],
      "memorySwap: the container may swap beyond its memory; given -1; allowed as memory: 512",
    ],
    [
      "one that may swap as much again",
      [container({ memorySwap: undefined })],
      "memorySwap: the container may swap beyond its memory; given as much again",
    ],
  ],
  permits: [["a container with a limit and no swap", [container()]]],
  waitsFor: [["a limit that depends on another resource", [container({ memory: unknown })]]],
});
