import type { StackRule } from "../rule.ts";
import { own } from "../sources.ts";
import { membersOf } from "../subjects.ts";

/** Services of a site's core that decide by majority, or that a rolling change leaves two of, and whose they are. */
const quorums = {
  database: "database",
  "kube-apiserver": "control-plane",
  kine: "control-plane",
  "kube-controller-manager": "control-plane",
  "kube-scheduler": "control-plane",
} as const;

export const rule: StackRule = {
  name: "quorum-must-have-three-members",
  holds:
    "The database and the control plane of a site have at least three members, an odd number of the database; one that is out of service counts until it is replaced",
  source: own("docs/database.md", "with two members the loss of one takes the majority"),
  level: "mandatory",
  *checkStack(stack) {
    if (stack.plan.kind !== "core") return;
    for (const [service, role] of Object.entries(quorums)) {
      const hosts = membersOf(stack, service, role);
      if (hosts.length >= 3 && (service !== "database" || hosts.length % 2 === 1)) continue;
      yield {
        what: `${stack.plan.site} has no quorum of ${service} that survives a loss`,
        given: hosts.length === 0 ? "no member" : `${hosts.length}: ${hosts.join(", ")}`,
        allowed: service === "database" ? "3 or 5" : "3 or more",
        fix: "declare the hosts that are missing; one that died is listed under outOfService until it is replaced (README.md)",
      };
    }
  },
};
