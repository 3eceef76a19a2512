import type { StackRule } from "../rule.ts";
import { own } from "../sources.ts";
import { hostsWith } from "../subjects.ts";

export const rule: StackRule = {
  name: "pair-must-be-complete",
  holds: "Balancers and gateways come in pairs, and both of a pair run all that the other one takes over",
  source: own("docs/balancers.md", "a VIP whose holder has no other has nowhere to go"),
  level: "mandatory",
  *checkStack(stack) {
    const { plan, topology } = stack;
    const services =
      plan.kind === "core"
        ? ["haproxy", "keepalived"]
        : plan.kind === "zone" && topology.flavors.gateway === "software"
          ? ["keepalived", "conntrackd", "coredns"]
          : [];
    for (const service of services) {
      const hosts = hostsWith(stack, service);
      if (hosts.length === 2) continue;
      yield {
        what: `no pair of ${service} in ${plan.name}`,
        given: hosts.length === 0 ? "none" : hosts.join(", "),
        allowed: "two hosts",
        fix: "declare the one that is missing; a dead one is replaced by its successor and not left out",
      };
    }
  },
};
