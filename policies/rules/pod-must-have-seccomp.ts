import type { ResourceRule } from "../rule.ts";
import { cisKubernetes, podSecurity } from "../sources.ts";
import { podContainers, podOf, podTypes } from "../subjects.ts";

const allowed = ["RuntimeDefault", "Localhost"];

export const rule: ResourceRule = {
  name: "pod-must-have-seccomp",
  holds: "A pod's system calls are filtered",
  source: `${cisKubernetes("5.7.2")}; ${podSecurity}`,
  level: "mandatory",
  types: podTypes,
  *check(resource) {
    const pod = podOf(resource);
    const whole = pod.spec["securityContext"]?.seccompProfile?.type;
    for (const { at, name, spec } of podContainers(pod)) {
      const profile = spec["securityContext"]?.seccompProfile?.type ?? whole;
      if (allowed.includes(profile)) continue;
      yield {
        at: [...at, "securityContext", "seccompProfile", "type"],
        what: `container ${name} may make any system call`,
        ...{ given: String(profile ?? "not set"), allowed: allowed.join(" or "), fix: "set it for the pod" },
      };
    }
  },
};
