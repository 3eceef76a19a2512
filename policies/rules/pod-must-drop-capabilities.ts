import type { ResourceRule } from "../rule.ts";
import { cisKubernetes, podSecurity } from "../sources.ts";
import { podContainers, podOf, podTypes } from "../subjects.ts";

export const rule: ResourceRule = {
  name: "pod-must-drop-capabilities",
  holds: "A pod's containers drop all capabilities, and add none but that of ports below 1024",
  source: `${cisKubernetes("5.2.8")}, 5.2.9 and 5.2.10; ${podSecurity}`,
  level: "mandatory",
  types: podTypes,
  *check(resource) {
    for (const { at, name, spec } of podContainers(podOf(resource))) {
      const { privileged, capabilities: { add = [], drop = [] } = {} } = spec["securityContext"] ?? {};
      // A privileged one has them all, whatever it drops; that is another rule's.
      if (privileged) continue;
      if (!drop.includes("ALL"))
        yield {
          at: [...at, "securityContext", "capabilities", "drop"],
          what: `container ${name} keeps what containerd gives every container`,
          ...{ given: drop.join(", ") || "none dropped", allowed: "ALL", fix: "drop ALL" },
        };
      const more = (add as readonly string[]).filter((each) => each !== "NET_BIND_SERVICE");
      if (more.length > 0)
        yield {
          at: [...at, "securityContext", "capabilities", "add"],
          what: `container ${name} adds capabilities`,
          ...{ given: more.join(", "), allowed: "NET_BIND_SERVICE", fix: "do without" },
        };
    }
  },
};
