import { rule } from "../../policies/rules/pod-must-not-mount-token.ts";
import { ruleTests, unknown } from "./judging.ts";
import { deployment } from "./shown.ts";

const of = (automountServiceAccountToken?: unknown, of?: { name: string; namespace: string }) => [
  deployment({}, { automountServiceAccountToken }, of),
];
const said = "spec.template.spec.automountServiceAccountToken: who breaks into the pod may ask the API in its name; given ";

ruleTests(rule, {
  refuses: [
    ["what says nothing", of(), `${said}not set`],
    ["what asks for one", of(true), `${said}true`],
    ["a reviewed name in another namespace", of(undefined, { name: "coredns", namespace: "policy" }), `${said}not set`],
  ],
  permits: [
    ["a pod without one", of(false)],
    ["a zone's name service, which asks the API", of(undefined, { name: "coredns", namespace: "policy-system" })],
  ],
  waitsFor: [["what depends on another resource", of(unknown)]],
});
