import { vipPlan } from "../addresses.ts";
import { type Problem, shown } from "../errors.ts";
import { vipNames } from "../schema/sites.ts";
import type { Environment } from "../schema.ts";
import { nearest } from "../structure.ts";
import { hostRoles, platformZone } from "../topology.ts";

/** A flow's ends are known: zones, roles and VIPs in them, or networks outside; no name means two things. */
export function flowEndProblems(environment: Environment): Problem[] {
  const zones = [platformZone, ...Object.keys(environment.zones)];
  const outside = Object.keys(environment.networks);
  const ends = Object.entries(environment.flows).flatMap(([name, flow]) =>
    (["from", "to"] as const).map((end) => ({ text: flow[end], path: ["flows", name, end] })),
  );
  const problems = ends.flatMap(({ text, path }): Problem[] => {
    const [zone = "", part] = text.split("/");
    const known = part === undefined ? [...zones, ...outside] : zones;
    if (!known.includes(zone)) {
      const fix =
        nearest(zone, known) ?? (part === undefined ? "describe it under zones or networks" : "describe it under zones");
      return [
        {
          path,
          what: part === undefined ? "an unknown zone or network" : "an unknown zone",
          given: zone,
          allowed: known.join(", "),
          fix,
          absence: true,
        },
      ];
    }
    const parts = partsOf(environment, zone);
    if (part === undefined || parts.includes(part)) return [];
    const fix = nearest(part, parts) ?? "name one of them";
    return [{ path, what: `zone ${zone} has no such role or VIP`, given: part, allowed: parts.join(", "), fix, absence: true }];
  });
  const twice = outside.filter((name) => zones.includes(name));
  return [
    ...problems,
    ...twice.map((name) => ({
      path: ["networks", name],
      what: "also the name of a zone",
      given: name,
      allowed: "a name of its own",
      fix: "rename it",
    })),
  ];
}

function partsOf(environment: Environment, zone: string): string[] {
  const entries = Object.values(environment.sites).flatMap(({ zones }) => zones[zone] ?? []);
  const isNasOfTheCompanys = zone === platformZone && environment.flavors.nas === "external";
  const roles = hostRoles.filter(
    (role) => (role === "nas" && isNasOfTheCompanys) || entries.some(({ hosts }) => Object.keys(hosts[role] ?? {}).length > 0),
  );
  return [...new Set([...roles, ...vipNames.filter((name) => roles.includes(vipPlan[name].role))])];
}

/**
 * Nothing passes from zone to zone, on no plane, unless someone answers for it until a given day. What shared services serve on management and
 * storage is for all zones; what they would send into one, all zones could send through them.
 */
export function crossZoneProblems(environment: Environment): Problem[] {
  const zones = [platformZone, ...Object.keys(environment.zones)];
  return Object.entries(environment.flows).flatMap(([name, { from, to, plane, exception }]): Problem[] => {
    const [source = "", target = ""] = [from, to].map((end) => end.split("/")[0] ?? "");
    const isService = target === platformZone && plane !== "business";
    const crosses = source !== target && zones.includes(source) && zones.includes(target) && !isService;
    if (crosses && !exception) {
      const what = `passes from zone ${source} to zone ${target} on the ${plane} plane`;
      const allowed = "flows within a zone, or an exception with owner, reason and expires";
      return [
        {
          path: ["flows", name],
          what,
          given: `${from} to ${to}`,
          allowed,
          fix: "remove it, or declare the exception",
          absence: true,
        },
      ];
    }
    if (!crosses && exception) {
      const what =
        "an exception that nothing needs: the flow stays in a zone, has an end outside, or asks a shared service on management or storage";
      return [
        {
          path: ["flows", name, "exception"],
          what,
          given: `${from} to ${to} on ${plane}`,
          allowed: "no exception",
          fix: "remove it",
        },
      ];
    }
    return [];
  });
}

/** A port between two ends is one flow's: with two, nobody knows whose word counts. */
export function overlappingFlowProblems(environment: Environment): Problem[] {
  const owners = new Map<string, string>();
  return Object.entries(environment.flows).flatMap(([name, { from, to, plane, protocol, ports }]) =>
    ports.flatMap((port, index): Problem[] => {
      const key = [from, to, plane, protocol, port].join(" ");
      const other = owners.get(key);
      owners.set(key, other ?? name);
      if (other === undefined) return [];
      const path = ["flows", name, "ports", index];
      if (other === name) return [{ path, what: "given twice", given: shown(port), allowed: "each port once", fix: "remove it" }];
      const what = `flow ${other} permits this port between the same ends already`;
      return [
        { path, what, given: shown(port), allowed: "one flow for each port between two ends", fix: "remove it from one of them" },
      ];
    }),
  );
}

/** A VIP answers on its own plane alone. */
export function vipPlaneProblems(environment: Environment): Problem[] {
  const planOf = (name: string | undefined) => Object.entries(vipPlan).find(([vip]) => vip === name)?.[1];
  return Object.entries(environment.flows).flatMap(([name, flow]) =>
    (["from", "to"] as const).flatMap((end): Problem[] => {
      const [, part] = flow[end].split("/");
      const plan = planOf(part);
      if (!plan || plan.plane === flow.plane) return [];
      const what = `VIP ${part} is on another plane`;
      return [
        {
          path: ["flows", name, "plane"],
          what,
          given: flow.plane,
          allowed: plan.plane,
          fix: "change the plane, or name another end",
        },
      ];
    }),
  );
}
