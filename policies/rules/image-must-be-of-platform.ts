import type { ResourceRule } from "../rule.ts";
import { own } from "../sources.ts";
import { container, podContainers, podOf, podTypes } from "../subjects.ts";

export const rule: ResourceRule = {
  name: "image-must-be-of-platform",
  holds: "An image is one that the environment file names, from the platform's own registry or its seed",
  source: own("docs/registry.md", "what others can take away or change must not be what a host needs to start again"),
  level: "mandatory",
  types: [container, ...podTypes],
  *check(resource, { topology }) {
    // A lab's images are ids in its own engine.
    if (topology.machines === "lab") return;
    const named = new Set(Object.values(topology.images));
    const registries = [`registry.${topology.dns.domain}`, ...("registry" in topology.seed ? [topology.seed.registry] : [])];
    const images =
      resource.type === container
        ? [{ at: ["image"], image: resource.inputs["image"] as string }]
        : podContainers(podOf(resource)).map(({ at, spec }) => ({ at: [...at, "image"], image: spec["image"] as string }));
    for (const { at, image } of images) {
      if (!registries.some((registry) => image.startsWith(`${registry}/`)))
        yield {
          at,
          what: "an image from elsewhere",
          given: image,
          allowed: registries.map((registry) => `${registry}/…`).join(" or "),
          fix: "have it reviewed and pushed to the platform's registry, and name it so",
        };
      else if (!named.has(image))
        yield {
          at,
          what: "an image that the environment file doesn't name",
          given: image,
          allowed: "one of those under images",
          fix: "name it there: what runs is then seen in a review",
        };
    }
  },
};
