import type { ResourceRule } from "../rule.ts";
import { own } from "../sources.ts";
import { podContainers, podOf, podTypes } from "../subjects.ts";

/** No limit of processor time: requests share it out, and a limit slows down what has room. */
const wanted = [
  ["requests", "cpu"],
  ["requests", "memory"],
  ["limits", "memory"],
] as const;

export const rule: ResourceRule = {
  name: "pod-must-limit-resources",
  holds: "A pod's containers say what they need of processors and memory, and what of memory they may take",
  source: own(
    "https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/",
    "without requests a node is filled beyond what it has, without limits one pod ends its neighbours",
  ),
  level: "mandatory",
  types: podTypes,
  *check(resource) {
    for (const { at, name, spec } of podContainers(podOf(resource))) {
      const missing = wanted.filter(([kind, what]) => spec["resources"]?.[kind]?.[what] === undefined);
      if (missing.length > 0)
        yield {
          at: [...at, "resources"],
          what: `container ${name} doesn't say all of what it needs and may take`,
          given: `no ${missing.map((path) => path.join(".")).join(", ")}`,
          allowed: "requests of cpu and memory, a limit of memory",
          fix: "state them",
        };
    }
  },
};
