import { rule } from "../../policies/rules/container-must-not-be-privileged.ts";
import { reference, ruleTests, unknown } from "./judging.ts";
import { container } from "./shown.ts";

ruleTests(rule, {
  refuses: [
    [
      "a privileged container",
      [container({ privileged: true })],
      "privileged: who breaks out of the container is root on its host; given true",
    ],
    [
      "one with a disk of its host",
      [container({ devices: [{ hostPath: "/dev/sda" }] })],
      "devices: the container has devices of its host; given /dev/sda",
    ],
  ],
  permits: [
    [
      "a lab's machine, which stands for a host",
      [container({ privileged: true })],
      { stack: "reference-machines", topology: { ...reference, machines: "lab" } },
    ],
    ["neither", [container(), container({ privileged: false, devices: [] }, { service: "keepalived" })]],
  ],
  waitsFor: [["what depends on another resource", [container({ privileged: unknown })]]],
});
