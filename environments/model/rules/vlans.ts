import type { Problem } from "../errors.ts";
import { type Path, zonePlaces } from "../placements.ts";
import type { Environment } from "../schema.ts";
import { planes } from "../topology.ts";

/** A VLAN number is one network of its site. */
export function vlanProblems(environment: Environment): Problem[] {
  return Object.entries(environment.sites).flatMap(([site, { core }]) => {
    const uses: { what: string; vlan: number; path: Path }[] = [
      { what: "inter-site link", vlan: environment.interSite.vlan, path: ["interSite", "vlan"] },
      { what: "core network", vlan: core.vlan, path: ["sites", site, "core", "vlan"] },
      ...zonePlaces(environment)
        .filter((place) => place.site === site)
        .flatMap(({ zone, entry, path }) =>
          planes.map((plane) => ({
            what: `${plane} plane of ${zone}`,
            vlan: entry.planes[plane].vlan,
            path: [...path, "planes", plane, "vlan"],
          })),
        ),
    ];
    const first = new Map<number, string>();
    return uses.flatMap(({ what, vlan, path }) => {
      const other = first.get(vlan);
      if (other === undefined) {
        first.set(vlan, what);
        return [];
      }
      return [
        {
          path,
          what: `${site} has this VLAN already, for its ${other}`,
          given: String(vlan),
          allowed: "a number of its own",
          fix: "choose a free one",
        },
      ];
    });
  });
}
