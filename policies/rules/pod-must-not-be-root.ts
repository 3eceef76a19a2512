import type { ResourceRule } from "../rule.ts";
import { cisKubernetes, podSecurity } from "../sources.ts";
import { objectName, podContainers, podOf, podTypes } from "../subjects.ts";

/** Reviewed, as `<namespace>/<name>`: drivers that mount for others, in a namespace that holds nothing else. */
const reviewed = /^[a-z][a-z0-9]*-storage\/(claims|mounts)$/;

export const rule: ResourceRule = {
  name: "pod-must-not-be-root",
  holds: "No container of a pod runs as root, is privileged, or lets its processes gain rights",
  source: `${cisKubernetes("5.2.2")}, 5.2.6 and 5.2.7; ${podSecurity}`,
  level: "mandatory",
  types: podTypes,
  *check(resource) {
    if (reviewed.test(objectName(resource))) return;
    const pod = podOf(resource);
    const whole = pod.spec["securityContext"] ?? {};
    for (const { at, name, spec } of podContainers(pod)) {
      const own = spec["securityContext"] ?? {};
      const context = { ...whole, ...own };
      const problems: readonly [isWrong: boolean, key: string, given: unknown, allowed: string, what: string][] = [
        [context.runAsNonRoot !== true, "runAsNonRoot", context.runAsNonRoot, "true", "may run as root"],
        [context.runAsUser === 0, "runAsUser", 0, "a user above 0", "runs as root"],
        [own.privileged === true, "privileged", true, "false", "is root on its node"],
        [
          own.allowPrivilegeEscalation !== false,
          "allowPrivilegeEscalation",
          own.allowPrivilegeEscalation,
          "false",
          "lets its processes gain rights",
        ],
      ];
      for (const [isWrong, key, given, allowed, what] of problems)
        if (isWrong)
          yield {
            at: [...at, "securityContext", key],
            what: `container ${name} ${what}`,
            ...{ given: String(given ?? "not set"), allowed, fix: `set ${key}` },
          };
    }
  },
};
