import { rule } from "../../policies/rules/pod-must-not-share-host.ts";
import { ruleTests, unknown } from "./judging.ts";
import { deployment } from "./shown.ts";

const driver = { name: "mounts", namespace: "policy-storage" };

ruleTests(rule, {
  refuses: [
    [
      "a node's network",
      [deployment({}, { hostNetwork: true })],
      "spec.template.spec.hostNetwork: the pod is in its node's own namespace",
    ],
    [
      "a node's processes, of a driver too",
      [deployment({}, { hostPID: true }, driver)],
      "spec.template.spec.hostPID: the pod is in its node's own namespace",
    ],
    [
      "a port of a node",
      [deployment({ ports: [{ containerPort: 80, hostPort: 80 }] })],
      "spec.template.spec.containers[0].ports[0].hostPort: container quotes takes a port of its node; given 80",
    ],
  ],
  permits: [
    ["a pod of its own", [deployment({ ports: [{ containerPort: 80 }] })]],
    ["a zone's driver in its node's network", [deployment({}, { hostNetwork: true }, driver)]],
  ],
  waitsFor: [["what depends on another resource", [deployment({}, { hostNetwork: unknown })]]],
});
