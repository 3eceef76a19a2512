import { vipPlan } from "../addresses.ts";
import type { Problem } from "../errors.ts";
import { hostPlaces, siteNumber, vipPlaces, zonePlaces } from "../placements.ts";
import { vipNames } from "../schema/sites.ts";
import type { Environment } from "../schema.ts";

/** A virtual router id is one VIP's on its network, at both sites: a plane stretched over both must not confuse them. */
export function vridProblems(environment: Environment): Problem[] {
  const owners = new Map<string, string>();
  return zonePlaces(environment).flatMap((place) =>
    vipPlaces(place, siteNumber(environment, place.site)).flatMap(({ name, plane, vrid, path }) => {
      const key = `${place.zone} ${plane} ${vrid}`;
      const owner = owners.get(key);
      owners.set(key, owner ?? `${name} of ${place.site}`);
      if (owner === undefined) return [];
      const what = `the ${plane} plane of ${place.zone} has this virtual router id already, for ${owner}`;
      return [
        {
          path: [...path, "vrid"],
          what,
          given: String(vrid),
          allowed: "a number of its own, at both sites",
          fix: "choose a free one from 1 to 255",
        },
      ];
    }),
  );
}

/** An entry under `vips` changes a VIP that the zone has. */
export function strayVipProblems(environment: Environment): Problem[] {
  return zonePlaces(environment).flatMap((place) => {
    const roles = new Set(hostPlaces(place).map(({ role }) => role));
    return vipNames
      .filter((name) => place.entry.vips?.[name] !== undefined && !roles.has(vipPlan[name].role))
      .map((name) => {
        const allowed = vipNames.filter((each) => roles.has(vipPlan[each].role)).join(", ");
        const what = `the zone has no ${vipPlan[name].role} hosts that could hold it`;
        return { path: [...place.path, "vips", name], what, given: name, allowed, fix: "remove it, or move it to its zone" };
      });
  });
}
