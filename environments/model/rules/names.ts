import type { Problem } from "../errors.ts";
import { hostPlaces, zonePlaces } from "../placements.ts";
import type { Environment } from "../schema.ts";
import { nearest } from "../structure.ts";
import { platformZone } from "../topology.ts";

/** Names that stacks are made of, and the services' own. */
export const reservedNames: readonly string[] = ["trust", "machines", "services", platformZone];

/** Platforms, sites and business zones keep clear of the words that stack names are made of. */
export function reservedNameProblems(environment: Environment): Problem[] {
  const names = [
    { name: environment.platform, path: ["platform"] },
    ...Object.keys(environment.sites).map((name) => ({ name, path: ["sites", name] })),
    ...Object.keys(environment.zones).map((name) => ({ name, path: ["zones", name] })),
  ];
  return names
    .filter(({ name }) => reservedNames.includes(name))
    .map(({ name, path }) => ({
      path,
      what: "a reserved name",
      given: name,
      allowed: `any but ${reservedNames.join(", ")}`,
      fix: "choose another name",
    }));
}

/** A site has the zones that the file lists, and no others. */
export function zoneNameProblems(environment: Environment): Problem[] {
  const known = [platformZone, ...Object.keys(environment.zones)];
  return Object.entries(environment.sites).flatMap(([site, { zones }]) => [
    ...Object.keys(zones)
      .filter((zone) => !known.includes(zone))
      .map((zone) => ({
        path: ["sites", site, "zones", zone],
        what: "an unknown zone",
        given: zone,
        allowed: known.join(", "),
        fix: nearest(zone, known) ?? "remove it, or describe it under zones",
        absence: true,
      })),
    ...known
      .filter((zone) => !Object.hasOwn(zones, zone))
      .map((zone) => ({
        path: ["sites", site, "zones"],
        what: `zone ${zone} is missing on ${site}`,
        allowed: known.join(", "),
        fix: "add it",
        absence: true,
      })),
  ]);
}

/** A host's short name is its own in its zone, whatever its role. */
export function hostNameProblems(environment: Environment): Problem[] {
  return zonePlaces(environment).flatMap((place) => {
    const roles = new Map<string, string>();
    return hostPlaces(place).flatMap(({ shortName, role, path }) => {
      const other = roles.get(shortName);
      roles.set(shortName, role);
      if (other === undefined) return [];
      return [
        {
          path,
          what: `${place.site} ${place.zone} has a ${other} host of this name`,
          given: shortName,
          allowed: "a name of its own",
          fix: "rename one of them",
        },
      ];
    });
  });
}

/** A host that is out of service is one of the platform's. */
export function outOfServiceProblems(environment: Environment): Problem[] {
  const known = zonePlaces(environment).flatMap((place) => hostPlaces(place).map(({ name }) => name));
  return Object.keys(environment.outOfService ?? {})
    .filter((name) => !known.includes(name))
    .map((name) => ({
      path: ["outOfService", name],
      what: "an unknown host",
      given: name,
      allowed: "<site>-<zone>-<short name> of a host under sites",
      fix: nearest(name, known) ?? "remove it",
      absence: true,
    }));
}

/** Stacks are found by the platform's name, so the file is called by it. */
export function fileNameProblems({ platform }: Environment, fileName: string): Problem[] {
  if (platform === fileName) return [];
  return [{ path: ["platform"], what: "not the file's name", given: platform, allowed: fileName, fix: "rename one of them" }];
}
