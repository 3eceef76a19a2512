import { rule } from "../../policies/rules/pod-must-not-be-root.ts";
import { ruleTests, unknown } from "./judging.ts";
import { deployment } from "./shown.ts";

const context = { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } };
const of = (more: object) => [deployment({ securityContext: { ...context, ...more } })];
const at = "spec.template.spec.containers[0].securityContext.";

ruleTests(rule, {
  refuses: [
    [
      "a pod that may be root",
      [deployment({}, { securityContext: {} })],
      `${at}runAsNonRoot: container quotes may run as root; given not set; allowed true`,
    ],
    ["a container that is, in a pod that isn't", of({ runAsUser: 0 }), `${at}runAsUser: container quotes runs as root; given 0`],
    ["a privileged one", of({ privileged: true }), `${at}privileged: container quotes is root on its node; given true`],
    [
      "one whose processes gain rights",
      of({ allowPrivilegeEscalation: undefined }),
      `${at}allowPrivilegeEscalation: container quotes lets its processes gain rights; given not set`,
    ],
    [
      "what has a reviewed name in another namespace",
      [deployment({ securityContext: { privileged: true, ...context } }, {}, { name: "mounts", namespace: "policy" })],
      `${at}privileged:`,
    ],
  ],
  permits: [
    ["a pod that is not root", [deployment()]],
    [
      "a zone's driver, which mounts",
      [
        deployment(
          { securityContext: { privileged: true } },
          { securityContext: {} },
          { name: "mounts", namespace: "policy-storage" },
        ),
      ],
    ],
  ],
  waitsFor: [["a user that depends on another resource", of({ runAsUser: unknown })]],
});
