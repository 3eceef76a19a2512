import { rule } from "../../policies/rules/binding-must-not-grant-cluster-admin.ts";
import { ruleTests, unknown } from "./judging.ts";

const of = (role: string, subject = { kind: "User", name: "tandem:metrics-server" }) => [
  {
    type: "kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding",
    inputs: { roleRef: { kind: "ClusterRole", name: role }, subjects: [subject] },
  },
];

ruleTests(rule, {
  refuses: [
    ["an administrator", of("cluster-admin"), "roleRef.name: its subjects may do everything in the cluster; given cluster-admin"],
    [
      "a right for everybody",
      of("tandem:metrics-server", { kind: "Group", name: "system:authenticated" }),
      "subjects[0].name: the right is for everybody",
    ],
  ],
  permits: [
    ["a role of its own", of("tandem:metrics-server")],
    ["a user whose name is like a group's", of("tandem:metrics-server", { kind: "User", name: "system:authenticated" })],
  ],
  waitsFor: [["a role that depends on another resource", of(unknown)]],
});
