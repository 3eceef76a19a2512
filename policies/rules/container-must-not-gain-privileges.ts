import type { ResourceRule } from "../rule.ts";
import { own } from "../sources.ts";
import { container, serviceOf } from "../subjects.ts";

/** Reviewed: services that Docker's filter keeps from their work. */
const unfiltered: readonly string[] = [
  // open_by_handle_at and setns, by which Ganesha opens what a client names.
  "nas",
];

export const rule: ResourceRule = {
  name: "container-must-not-gain-privileges",
  holds: "No process of a container gains rights, and system calls are filtered",
  source: own(
    "https://docs.docker.com/engine/security/seccomp/",
    "the default filter refuses the calls that most break-outs begin with; no-new-privileges takes setuid programs their force",
  ),
  level: "mandatory",
  types: [container],
  *check(resource) {
    const options: readonly string[] = resource.inputs["securityOpts"] ?? [];
    if (!options.some((option) => /^no-new-privileges([:=]true)?$/.test(option)))
      yield {
        at: ["securityOpts"],
        what: "a setuid program in the image gives its caller root",
        given: options.join(", ") || "none",
        allowed: "no-new-privileges",
        fix: "add it",
      };
    const open = options.filter((option) => /^(seccomp|apparmor)[:=]unconfined$/.test(option));
    if (open.length > 0 && !unfiltered.includes(serviceOf(resource) ?? ""))
      yield {
        at: ["securityOpts"],
        what: "the container may make any system call",
        given: open.join(", "),
        allowed: "the engine's own profiles",
        fix: "remove it, or have it reviewed and add the service to policies/rules/container-must-not-gain-privileges.ts",
      };
  },
};
