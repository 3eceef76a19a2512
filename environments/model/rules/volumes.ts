import type { Problem } from "../errors.ts";
import { claimsImageNames } from "../schema/services.ts";
import type { Environment } from "../schema.ts";
import { nearest } from "../structure.ts";
import { platformZone } from "../topology.ts";
import { backupPath } from "../volumes.ts";

/** Volumes are of the platform's zones. */
export function volumeZoneProblems({ zones, volumes }: Environment): Problem[] {
  const known = [platformZone, ...Object.keys(zones)];
  return Object.keys(volumes)
    .filter((zone) => !known.includes(zone))
    .map((zone) => ({
      path: ["volumes", zone],
      what: "an unknown zone",
      given: zone,
      allowed: known.join(", "),
      fix: nearest(zone, known) ?? "remove it, or describe it under zones",
      absence: true,
    }));
}

/** No two services come to one directory by accident: the platform's own are its own, and a volume's users are named once each. */
export function volumeUserProblems({ volumes }: Environment): Problem[] {
  const own = Object.hasOwn(volumes[platformZone] ?? {}, backupPath)
    ? [
        {
          path: ["volumes", platformZone, backupPath],
          what: "the databases' backups lie there",
          given: `${platformZone}/${backupPath}`,
          allowed: "a directory of its own",
          fix: "choose another name",
        },
      ]
    : [];
  const repeated = Object.entries(volumes).flatMap(([zone, declared]) =>
    Object.entries(declared).flatMap(([directory, { sharedBy = [] }]): Problem[] =>
      sharedBy.flatMap((service, index) =>
        sharedBy.indexOf(service) === index
          ? []
          : [
              {
                path: ["volumes", zone, directory, "sharedBy", index],
                what: "the same service again",
                given: service,
                allowed: "each service once",
                fix: "remove it, or name the other service",
              },
            ],
      ),
    ),
  );
  return [...own, ...repeated];
}

/** A StorageClass is of whoever claims, and has a driver that answers claims. */
export function claimProblems({ volumes, images, machines }: Environment): Problem[] {
  const classes = Object.entries(volumes).flatMap(([zone, declared]) =>
    Object.entries(declared)
      .filter(([, { reclaimPolicy }]) => reclaimPolicy !== undefined)
      .map(([directory, { sharedBy }]) => ({ path: ["volumes", zone, directory], sharedBy })),
  );
  const shared = classes
    .filter(({ sharedBy }) => sharedBy !== undefined)
    .map(({ path }) => ({
      path: [...path, "sharedBy"],
      what: "a StorageClass, whose directories are their claims'",
      allowed: "either sharedBy or reclaimPolicy",
      fix: "remove one of them",
    }));
  const [first] = classes;
  if (first && machines === "lab")
    return [
      ...shared,
      {
        path: [...first.path, "reclaimPolicy"],
        what: "a lab has no image of the driver that answers claims",
        allowed: "volumes without reclaimPolicy",
        fix: "remove it",
      },
    ];
  const wrong = claimsImageNames.filter((name) => (images[name] === undefined) === (first !== undefined));
  return [
    ...shared,
    ...wrong.map((name) =>
      first
        ? {
            path: ["images"],
            what: `${first.path.join(".")} is a StorageClass, which needs the image ${name}`,
            given: "none",
            allowed: "<registry>/<repository>:<version>@sha256:<64 hexadecimal digits>",
            fix: `add images.${name}, or remove every reclaimPolicy`,
            absence: true,
          }
        : {
            path: ["images", name],
            what: "nothing runs from it: no volume is a StorageClass",
            allowed: "with a reclaimPolicy of a volume only",
            fix: "remove it, or give a volume a reclaimPolicy",
          },
    ),
  ];
}

/** What volumes may hold has room on a NAS of ours. */
export function volumeRoomProblems({ volumes, backup, flavors, sizes }: Environment): Problem[] {
  const declared = Object.values(volumes).flatMap((zone) => Object.values(zone).map(({ sizeGib }) => sizeGib));
  const sum = declared.reduce((total, size) => total + size, backup.sizeGib);
  if (flavors.nas !== "ganesha" || sum <= sizes.nas.diskGib) return [];
  return [
    {
      path: ["sizes", "nas", "diskGib"],
      what: "volumes and backups may hold more than the disk of the NAS",
      given: String(sizes.nas.diskGib),
      allowed: `at least ${sum}: backup.sizeGib and all sizes under volumes`,
      fix: "give the NAS a larger disk, or the volumes less",
    },
  ];
}
