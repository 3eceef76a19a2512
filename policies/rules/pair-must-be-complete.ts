import type { StackRule } from "../rule.ts";
import { own } from "../sources.ts";
import { membersOf } from "../subjects.ts";

export const rule: StackRule = {
  name: "pair-must-be-complete",
  holds:
    "Balancers and gateways come in pairs, and both of a pair run all that the other one takes over; one that is out of service counts until it is replaced",
  source: own("docs/balancers.md", "a VIP whose holder has no other has nowhere to go"),
  level: "mandatory",
  *checkStack(stack) {
    const { plan, topology } = stack;
    const role = plan.kind === "core" ? "balancer" : "gateway";
    const services =
      plan.kind === "core"
        ? ["haproxy", "keepalived"]
        : plan.kind === "zone" && topology.flavors.gateway === "software"
          ? ["keepalived", "conntrackd", "coredns"]
          : [];
    for (const service of services) {
      const hosts = membersOf(stack, service, role);
      if (hosts.length === 2) continue;
      yield {
        what: `no pair of ${service} in ${plan.name}`,
        given: hosts.length === 0 ? "none" : hosts.join(", "),
        allowed: "two hosts",
        fix: "declare the one that is missing; one that died is listed under outOfService until it is replaced (README.md)",
      };
    }
  },
};
