import { rule } from "../../policies/rules/container-must-not-gain-privileges.ts";
import { ruleTests, unknown } from "./judging.ts";
import { container } from "./shown.ts";

const open = { securityOpts: ["no-new-privileges", "seccomp=unconfined"] };

ruleTests(rule, {
  refuses: [
    [
      "a container whose setuid programs have their force",
      [container({ securityOpts: [] })],
      "securityOpts: a setuid program in the image gives its caller root; given none; allowed no-new-privileges",
    ],
    ["one without a filter", [container(open)], "securityOpts: the container may make any system call; given seccomp=unconfined"],
  ],
  permits: [
    [
      "a container that can't gain any",
      [container(), container({ securityOpts: ["no-new-privileges:true"] }, { service: "keepalived" })],
    ],
    ["the one that was reviewed", [container(open, { service: "nas" })]],
  ],
  waitsFor: [["an option that depends on another resource", [container({ securityOpts: [unknown] })]]],
});
