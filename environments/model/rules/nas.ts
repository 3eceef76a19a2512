import type { Problem } from "../errors.ts";
import type { Environment } from "../schema.ts";
import { nearest } from "../structure.ts";

/** A NAS that is not ours has an address at every site, and one that is ours is among the hosts. */
export function externalNasProblems({ externalNas, flavors, machines, sites }: Environment): Problem[] {
  if (flavors.nas === "ganesha")
    return externalNas === undefined
      ? []
      : [
          {
            path: ["externalNas"],
            what: "flavors says that the NAS is a server of ours",
            allowed: "with flavors.nas: external only",
            fix: "remove it, or change flavors.nas",
          },
        ];
  if (machines === "lab")
    return [
      {
        path: ["flavors", "nas"],
        what: "a lab has no NAS of the company's",
        given: flavors.nas,
        allowed: "ganesha",
        fix: "change it",
      },
    ];
  const known = Object.keys(sites);
  const given = Object.keys(externalNas?.addresses ?? {});
  return [
    ...known
      .filter((site) => !given.includes(site))
      .map((site) => ({
        path: externalNas === undefined ? ["flavors", "nas"] : ["externalNas", "addresses"],
        what: `the NAS of ${site} has no address`,
        allowed: "one of the platform zone's storage network",
        fix: `add externalNas.addresses.${site}`,
        absence: true,
      })),
    ...given
      .filter((site) => !known.includes(site))
      .map((site) => ({
        path: ["externalNas", "addresses", site],
        what: "an unknown site",
        given: site,
        allowed: known.join(", "),
        fix: nearest(site, known) ?? "remove it",
        absence: true,
      })),
  ];
}
