import type { Problem } from "../errors.ts";
import { hostPlaces, type ZonePlace, zonePlaces } from "../placements.ts";
import type { Environment } from "../schema.ts";
import { nearest } from "../structure.ts";
import { type HostRole, hostRoles, platformZone } from "../topology.ts";

/** Roles that a zone needs; what the company's own firewalls or NAS fill is not a host of ours. */
function neededRoles(environment: Environment, zone: string): HostRole[] {
  const ours = hostRoles.filter((role) => {
    if (role === "gateway") return environment.flavors.gateway === "software";
    if (role === "nas") return environment.flavors.nas === "ganesha";
    return true;
  });
  return zone === platformZone ? ours : ours.filter((role) => role === "gateway" || role === "worker");
}

/** Every zone has the hosts that its services need, and none that belong elsewhere. */
export function roleProblems(environment: Environment): Problem[] {
  return zonePlaces(environment).flatMap((place) => {
    const needed = neededRoles(environment, place.zone);
    return hostRoles.flatMap((role): Problem[] => {
      const count = Object.keys(place.entry.hosts[role] ?? {}).length;
      const path = [...place.path, "hosts"];
      if (count === 0 && needed.includes(role)) {
        return [
          {
            path,
            what: `${place.site} ${place.zone} has no ${role} host`,
            allowed: `all of ${needed.join(", ")}`,
            fix: `add one under ${role}`,
            absence: true,
          },
        ];
      }
      if (count > 0 && !needed.includes(role)) return [misplaced(place, role, needed)];
      return [];
    });
  });
}

function misplaced(place: ZonePlace, role: HostRole, needed: readonly HostRole[]): Problem {
  const external = place.zone === platformZone || role === "gateway";
  return {
    path: [...place.path, "hosts", role],
    what: external ? `flavors says that ${role} is external` : `a business zone has no ${role} hosts`,
    given: role,
    allowed: needed.join(", "),
    fix: external ? `remove them, or change flavors.${role}` : `move them to the zone ${platformZone}`,
  };
}

const pairs: readonly HostRole[] = ["gateway", "balancer"];
const quorums: readonly HostRole[] = ["control-plane", "database"];

interface Count {
  readonly holds: (count: number) => boolean;
  readonly allowed: string;
}
const pair: Count = { holds: (count) => count === 2, allowed: "two: a pair that holds VIPs" };
const quorum: Count = {
  holds: (count) => count >= 3 && count % 2 === 1,
  allowed: "an odd number from three on: a majority must remain when one fails",
};
const single: Count = { holds: (count) => count === 1, allowed: "one: what it keeps is on its own disk" };

/** Pairs have two members, quorums three or five; a NAS of ours and a registry are one server each. */
export function memberCountProblems(environment: Environment): Problem[] {
  const counts: readonly (readonly [HostRole, Count])[] = [
    ...pairs.map((role) => [role, pair] as const),
    ...quorums.map((role) => [role, quorum] as const),
    ["nas", single],
    ["registry", single],
  ];
  return zonePlaces(environment).flatMap((place) =>
    counts.flatMap(([role, { holds, allowed }]): Problem[] => {
      const count = Object.keys(place.entry.hosts[role] ?? {}).length;
      if (count === 0 || holds(count)) return [];
      return [
        {
          path: [...place.path, "hosts", role],
          what: `the number of ${role} hosts`,
          given: String(count),
          allowed,
          fix: "add or remove one",
          absence: true,
        },
      ];
    }),
  );
}

/** What is out of service leaves the database a majority, and one of every pair and control plane: they would not come back by themselves. */
export function inServiceProblems(environment: Environment): Problem[] {
  const out = Object.keys(environment.outOfService ?? {});
  return zonePlaces(environment).flatMap((place) =>
    [...pairs, ...quorums].flatMap((role): Problem[] => {
      const members = hostPlaces(place).filter((host) => host.role === role);
      const gone = members.map(({ name }) => name).filter((name) => out.includes(name));
      const needed = role === "database" ? Math.floor(members.length / 2) + 1 : 1;
      const left = members.length - gone.length;
      if (gone.length === 0 || left >= needed) return [];
      return [
        {
          path: ["outOfService"],
          what: `${place.site} ${place.zone} would have ${left} of ${members.length} ${role} hosts in service`,
          given: gone.join(", "),
          allowed: `at least ${needed} in service`,
          fix: "replace one of them first, and leave it off the list",
        },
      ];
    }),
  );
}

/** Members of a pair or a quorum stand in racks of their own: a rack fails as one. */
export function rackProblems(environment: Environment): Problem[] {
  return zonePlaces(environment).flatMap((place) => {
    const taken = new Map<string, string>();
    return hostPlaces(place).flatMap(({ role, rack, rackPath, shortName, siteEntry }): Problem[] => {
      if (!siteEntry.racks.includes(rack)) {
        const fix = nearest(rack, siteEntry.racks) ?? `add it under sites.${place.site}.racks`;
        return [
          { path: rackPath, what: "an unknown rack", given: rack, allowed: siteEntry.racks.join(", "), fix, absence: true },
        ];
      }
      const key = `${role} ${rack}`;
      const other = taken.get(key);
      taken.set(key, other ?? shortName);
      if (other === undefined || !(pairs.includes(role) || quorums.includes(role))) return [];
      const what = `${other} of the same ${pairs.includes(role) ? "pair" : "quorum"} stands in this rack`;
      return [
        { path: rackPath, what, given: rack, allowed: "a rack of its own", fix: `move ${shortName} or ${other} to another rack` },
      ];
    });
  });
}
