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

/** What the standby's NAS has is as new as the business asked for. */
export function nasReplicationProblems({ nasReplication, flavors, objectives }: Environment): Problem[] {
  const { rpoMinutes } = objectives;
  if (flavors.nas === "external")
    return nasReplication === undefined
      ? []
      : [
          {
            path: ["nasReplication"],
            what: "flavors says that the NAS is the company's own, which follows by its own means",
            allowed: "with flavors.nas: ganesha only",
            fix: "remove it, or change flavors.nas",
          },
        ];
  if (nasReplication === undefined)
    return [
      {
        path: ["flavors", "nas"],
        what: "nothing says how often the standby's NAS follows the active site's",
        allowed: `every ${rpoMinutes} minutes or less: objectives.rpoMinutes`,
        fix: "add nasReplication.everyMinutes",
        absence: true,
      },
    ];
  const { everyMinutes } = nasReplication;
  return everyMinutes <= rpoMinutes
    ? []
    : [
        {
          path: ["nasReplication", "everyMinutes"],
          what: "a failover would lose more than the business asked for",
          given: String(everyMinutes),
          allowed: `at most ${rpoMinutes}: objectives.rpoMinutes`,
          fix: "copy more often, or ask for less",
        },
      ];
}
