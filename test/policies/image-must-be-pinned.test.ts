import { rule } from "../../policies/rules/image-must-be-pinned.ts";
import { reference, ruleTests, unknown } from "./judging.ts";
import { container, deployment, digest } from "./shown.ts";

const of = (image: string) => [container({ image })];

ruleTests(rule, {
  refuses: [
    [
      "a version that can be moved",
      of("registry.example/haproxy:3.0"),
      "image: another image may come under this name tomorrow; given registry.example/haproxy:3.0",
    ],
    [
      "latest, though its digest is given",
      of(`registry.example/haproxy:latest@${digest}`),
      "image: nobody can tell which version this is",
    ],
    [
      "a digest alone, behind a registry's port",
      of(`registry.example:5000/haproxy@${digest}`),
      "image: nobody can tell which version this is",
    ],
    [
      "a pod's",
      [deployment({ image: "registry.example/quotes:1" })],
      "spec.template.spec.containers[0].image: another image may come",
    ],
  ],
  permits: [
    ["a version and its digest", [container(), deployment()]],
    ["a lab's own images", of(digest)],
    [
      "what a lab's nodes have",
      [deployment({ image: "tandem.internal/quotes:1" })],
      { topology: { ...reference, machines: "lab" } },
    ],
  ],
  waitsFor: [["an image that depends on another resource", of(unknown)]],
});
