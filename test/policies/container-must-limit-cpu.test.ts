import { rule } from "../../policies/rules/container-must-limit-cpu.ts";
import { ruleTests, unknown } from "./judging.ts";
import { container } from "./shown.ts";

ruleTests(rule, {
  refuses: [
    [
      "a container without a limit",
      [container({ cpus: undefined })],
      "cpus: the container may take all of its host's processors; given no limit",
    ],
    [
      "a limit of nothing, which is none",
      [container({ cpus: "0" })],
      "cpus: the container may take all of its host's processors; given 0",
    ],
  ],
  permits: [
    ["a limit of processors", [container()]],
    ["a quota of their time", [container({ cpus: undefined, cpuQuota: 50_000 })]],
  ],
  waitsFor: [["a limit that depends on another resource", [container({ cpus: unknown })]]],
});
