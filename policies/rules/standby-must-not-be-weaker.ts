import type { Site } from "../../environments/model/topology.ts";
import type { StackRule } from "../rule.ts";
import { own } from "../sources.ts";

const counts = ({ zones }: Site): Map<string, number> =>
  new Map(
    [
      ...Map.groupBy(
        zones.flatMap(({ hosts }) => hosts).filter(({ inService }) => inService),
        ({ zone, role }) => `${role} hosts in service in ${zone}`,
      ),
    ].map(([what, hosts]) => [what, hosts.length]),
  );

export const rule: StackRule = {
  name: "standby-must-not-be-weaker",
  holds: "The standby site has as many hosts in service as the active one, role by role and zone by zone",
  source: own(
    "environments/model/rules/sites.ts",
    "what can't carry the load is no standby; the file says what is declared, this what is in service",
  ),
  level: { advisoryBecause: "a host that died at the standby site must not keep changes from the active one" },
  *checkStack({ topology, plan }) {
    const active = topology.sites.find(({ role }) => role === "active");
    const standby = topology.sites.find(({ role }) => role === "standby");
    if (plan.kind !== "core" || !active || !standby || plan.site !== standby.name) return;
    const own = counts(standby);
    for (const [what, needed] of counts(active)) {
      const given = own.get(what) ?? 0;
      if (given < needed)
        yield {
          what: `${standby.name} has fewer ${what} than ${active.name}`,
          ...{
            given: String(given),
            allowed: `at least ${needed}`,
            fix: "bring in the successor of the host that is out of service",
          },
        };
    }
  },
};
