import type { StackRule } from "../rule.ts";
import { own } from "../sources.ts";
import { hostsWith } from "../subjects.ts";

/** What a site has several of so that one may fail. */
const services = ["database", "kube-apiserver", "haproxy", "keepalived", "conntrackd"];

export const rule: StackRule = {
  name: "quorum-must-span-racks",
  holds: "No two members of a quorum or a pair are in one rack",
  source: own("environments/reference.yaml, racks", "what is in one rack fails together"),
  level: "mandatory",
  *checkStack(stack) {
    const hosts = stack.topology.sites.flatMap(({ zones }) => zones).flatMap((zone) => zone.hosts);
    for (const service of services) {
      const members = hostsWith(stack, service).flatMap((name) => hosts.find((host) => host.name === name) ?? []);
      for (const [rack, together] of Map.groupBy(members, (host) => host.rack))
        if (together.length > 1)
          yield {
            what: `members of ${service} fail together with rack ${rack}`,
            given: together.map(({ name }) => name).join(", "),
            allowed: "one a rack",
            fix: "move one to another rack of the site, and say so in the environment file",
          };
    }
  },
};
