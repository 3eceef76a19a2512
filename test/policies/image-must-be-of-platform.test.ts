import { rule } from "../../policies/rules/image-must-be-of-platform.ts";
import { reference, ruleTests, unknown } from "./judging.ts";
import { container, deployment, digest } from "./shown.ts";

const elsewhere = `docker.io/library/haproxy:3.0.11@${digest}`;

ruleTests(rule, {
  refuses: [
    ["an image from elsewhere", [container({ image: elsewhere })], "image: an image from elsewhere; given docker.io/"],
    [
      "a registry whose name begins like ours",
      [container({ image: `registry.reference.tandem.internal.example/x:1@${digest}` })],
      "image: an image from elsewhere",
    ],
    [
      "one that the environment file doesn't name",
      [container({ image: `registry.reference.tandem.internal/platform/other:1@${digest}` })],
      "image: an image that the environment file doesn't name",
    ],
    ["a pod's", [deployment({ image: elsewhere })], "spec.template.spec.containers[0].image: an image from elsewhere"],
  ],
  permits: [
    ["what the environment file names", [container(), deployment()]],
    ["the ids of a lab's images", [container({ image: digest })], { topology: { ...reference, machines: "lab" } }],
  ],
  waitsFor: [["an image that depends on another resource", [container({ image: unknown })]]],
});
