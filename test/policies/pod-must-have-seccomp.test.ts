import { rule } from "../../policies/rules/pod-must-have-seccomp.ts";
import { ruleTests, unknown } from "./judging.ts";
import { deployment } from "./shown.ts";

const of = (type?: string) => [
  deployment({}, { securityContext: { seccompProfile: type === undefined ? undefined : { type } } }),
];
const said =
  "spec.template.spec.containers[0].securityContext.seccompProfile.type: container quotes may make any system call; given ";

ruleTests(rule, {
  refuses: [
    ["a pod without a filter", of(), `${said}not set`],
    ["one that asks for none", of("Unconfined"), `${said}Unconfined`],
    [
      "a container that asks for none",
      [deployment({ securityContext: { seccompProfile: { type: "Unconfined" } } })],
      `${said}Unconfined`,
    ],
  ],
  permits: [["a filtered pod", [deployment(), ...of("Localhost")]]],
  waitsFor: [["a filter that depends on another resource", of(unknown)]],
});
