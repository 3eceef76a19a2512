import type { Problem } from "../errors.ts";
import type { Environment, SiteEntry } from "../schema.ts";
import { hostRoles } from "../topology.ts";

/** Two sites, one of them active. */
export function siteProblems(environment: Environment): Problem[] {
  const sites = Object.entries(environment.sites);
  const active = sites.filter(([, { role }]) => role === "active");
  const problems: Problem[] = [];
  if (sites.length !== 2) {
    problems.push({
      path: ["sites"],
      what: "the number of sites",
      given: String(sites.length),
      allowed: "two",
      fix: "describe both sites in this file",
      absence: true,
    });
  }
  if (active.length === 0) {
    problems.push({
      path: ["sites"],
      what: "no site is active",
      allowed: "exactly one active site",
      fix: "set role: active on the site that serves",
      absence: true,
    });
  }
  for (const [name] of active.slice(1)) {
    problems.push({
      path: ["sites", name, "role"],
      what: `${active[0]?.[0]} is active too`,
      given: "active",
      allowed: "exactly one active site",
      fix: "set role: standby on the site that does not serve",
    });
  }
  return problems;
}

/** The standby site can carry what the active one carries: in each zone at least as many hosts of each role. */
export function balanceProblems(environment: Environment): Problem[] {
  const sites = Object.entries(environment.sites);
  const active = sites.find(([, { role }]) => role === "active");
  if (!active) return [];
  return sites.filter(([, { role }]) => role === "standby").flatMap((standby) => siteBalance(active, standby));
}

function siteBalance([activeName, active]: [string, SiteEntry], [name, standby]: [string, SiteEntry]): Problem[] {
  return Object.entries(active.zones).flatMap(([zone, { hosts }]) => {
    const other = standby.zones[zone];
    if (!other) return [];
    return hostRoles.flatMap((role): Problem[] => {
      const needed = Object.keys(hosts[role] ?? {}).length;
      const count = Object.keys(other.hosts[role] ?? {}).length;
      if (count >= needed) return [];
      const what = `the standby site has fewer ${role} hosts in ${zone} than ${activeName}`;
      const path = ["sites", name, "zones", zone, "hosts", ...(count > 0 ? [role] : [])];
      return [
        {
          path,
          what,
          given: String(count),
          allowed: `at least ${needed}`,
          fix: `add ${needed - count}, or it cannot take over`,
          absence: true,
        },
      ];
    });
  });
}
