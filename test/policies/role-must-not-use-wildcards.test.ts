import { rule } from "../../policies/rules/role-must-not-use-wildcards.ts";
import { ruleTests, unknown } from "./judging.ts";

const of = (more: object) => [
  {
    type: "kubernetes:rbac.authorization.k8s.io/v1:ClusterRole",
    inputs: {
      rules: [
        { apiGroups: [""], resources: ["pods"], verbs: ["get"] },
        { apiGroups: [""], resources: ["pods"], verbs: ["get"], ...more },
      ],
    },
  },
];

ruleTests(rule, {
  refuses: [
    ["every verb", of({ verbs: ["*"] }), "rules[1].verbs: the role permits what nobody has thought of yet; given *"],
    ["every resource", of({ resources: ["*"] }), "rules[1].resources: the role permits"],
    [
      "what lets its holder take more",
      of({ verbs: ["get", "escalate"] }),
      "rules[1].verbs: who holds the role can take any other one; given escalate",
    ],
  ],
  permits: [["names", of({})]],
  waitsFor: [["a list that depends on another resource", of({ verbs: [unknown] })]],
});
