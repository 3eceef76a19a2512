import { rule } from "../../policies/rules/namespace-must-deny-by-default.ts";
import { ruleTests, unknown } from "./judging.ts";

const namespace = { type: "kubernetes:core/v1:Namespace", name: "policy", inputs: { metadata: { name: "policy" } } };
const policy = (spec: unknown, of = "policy") => ({
  ...{ type: "kubernetes:networking.k8s.io/v1:NetworkPolicy", name: "closed" },
  inputs: { metadata: { name: "closed", namespace: of }, spec },
});
const closed = { podSelector: {}, policyTypes: ["Ingress", "Egress"] };
const said = "pods of policy may connect to all that their node reaches";

ruleTests(rule, {
  refuses: [
    ["a namespace without a policy", [namespace], said],
    ["one whose policy is another namespace's", [namespace, policy(closed, "office")], said],
    ["one that is closed in one direction", [namespace, policy({ ...closed, policyTypes: ["Ingress"] })], said],
    ["one that is closed for some pods", [namespace, policy({ ...closed, podSelector: { matchLabels: { app: "x" } } })], said],
    ["one whose policy permits something", [namespace, policy({ ...closed, egress: [{}] })], said],
  ],
  permits: [["a closed namespace", [namespace, policy(closed)]]],
  waitsFor: [["a policy that is not known yet", [namespace, policy(unknown)]]],
});
