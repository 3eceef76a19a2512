import type { ResourceRule, Violation } from "../rule.ts";
import { own } from "../sources.ts";
import { container, podContainers, podOf, podTypes } from "../subjects.ts";

/** Where a lab's images are ids, nothing else can be meant by them. */
const isId = (image: string): boolean => /^sha256:[0-9a-f]{64}$/.test(image);

function* judged(image: string, at: Violation["at"]): Generator<Violation> {
  if (isId(image)) return;
  const tag = /:([^:/]+)$/.exec(image.replace(/@.*$/, ""))?.[1];
  const isPinned = /@sha256:[0-9a-f]{64}$/.test(image);
  if (!isPinned)
    yield {
      ...(at && { at }),
      what: "another image may come under this name tomorrow",
      given: image,
      allowed: "<registry>/<repository>:<version>@sha256:<64 hexadecimal digits>",
      fix: "add the digest that the registry shows for this version, under images in the environment file",
    };
  if (tag === "latest" || tag === undefined)
    yield {
      ...(at && { at }),
      what: "nobody can tell which version this is",
      given: image,
      allowed: "a version before the digest",
      fix: "name the version, under images in the environment file",
    };
}

export const rule: ResourceRule = {
  name: "image-must-be-pinned",
  holds: "An image is named by its version and its digest",
  source: own("docs/registry.md", "a tag can be moved, a digest can't"),
  level: "mandatory",
  types: [container, ...podTypes],
  *check(resource, { topology }) {
    // Pods of a lab's nodes name what was built beside them, without a registry that would give it a digest.
    if (resource.type === container) yield* judged(resource.inputs["image"], ["image"]);
    else if (topology.machines === "ssh")
      for (const { at, spec } of podContainers(podOf(resource))) yield* judged(spec["image"], [...at, "image"]);
  },
};
