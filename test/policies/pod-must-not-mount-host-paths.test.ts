import { rule } from "../../policies/rules/pod-must-not-mount-host-paths.ts";
import { ruleTests, unknown } from "./judging.ts";
import { deployment } from "./shown.ts";

const of = (path: string, of?: { name: string; namespace: string }) => [
  deployment({}, { volumes: [{ name: "x", hostPath: { path } }] }, of),
];
const driver = { name: "mounts", namespace: "policy-storage" };
const said = "spec.template.spec.volumes[0].hostPath: volume x is a directory of the node; given ";

ruleTests(rule, {
  refuses: [
    ["a node's directory", of("/etc"), `${said}/etc; allowed none`],
    ["another than a driver needs", of("/var/lib", driver), `${said}/var/lib; allowed /var/lib/kubelet/…`],
    ["a way out of what it needs", of("/var/lib/kubelet/../..", driver), `${said}/var/lib/kubelet/../..`],
  ],
  permits: [
    ["what is no directory of a node", [deployment({}, { volumes: [{ name: "x", emptyDir: {} }] })]],
    ["a kubelet's for a zone's driver", of("/var/lib/kubelet/pods", driver)],
  ],
  waitsFor: [["a path that depends on another resource", of(unknown, driver)]],
});
