import { rule } from "../../policies/rules/pod-must-drop-capabilities.ts";
import { ruleTests, unknown } from "./judging.ts";
import { deployment } from "./shown.ts";

const of = (capabilities?: object) => [deployment({ securityContext: { capabilities } })];
const at = "spec.template.spec.containers[0].securityContext.capabilities.";

ruleTests(rule, {
  refuses: [
    [
      "a container that keeps containerd's own",
      of(),
      `${at}drop: container quotes keeps what containerd gives every container; given none dropped; allowed ALL`,
    ],
    [
      "one that adds some",
      of({ drop: ["ALL"], add: ["NET_RAW", "NET_BIND_SERVICE"] }),
      `${at}add: container quotes adds capabilities; given NET_RAW; allowed NET_BIND_SERVICE`,
    ],
  ],
  permits: [
    ["a container without any", [deployment()]],
    ["that of low ports", of({ drop: ["ALL"], add: ["NET_BIND_SERVICE"] })],
  ],
  waitsFor: [["a list that depends on another resource", of({ drop: [unknown] })]],
});
