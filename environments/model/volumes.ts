import type { Environment } from "./schema.ts";
import { platformZone, type Topology, type Volume, type Zone } from "./topology.ts";

type Declared = Pick<Environment["volumes"][string][string], "sizeGib" | "sharedBy" | "reclaimPolicy">;

const volume = (zone: string, path: string, { sizeGib, sharedBy, reclaimPolicy }: Declared): Volume => {
  const [stack = "", service = ""] = path.split("/");
  return {
    ...{ zone, stack, service, directory: `${zone}/${path}`, sizeGib, isOfSite: false },
    users: reclaimPolicy ? [`claims of class ${className({ directory: `${zone}/${path}` })}`] : (sharedBy ?? [service]),
    ...(reclaimPolicy && { reclaimPolicy }),
  };
};

/** What Kubernetes calls a directory by, as in `policy.claims.documents`: no name of a stack or a service has a dot, so that two never have one name. */
export const dotted = (directory: string): string => directory.replaceAll("/", ".");

/** Of a StorageClass. */
export const className = ({ directory }: Pick<Volume, "directory">): string => dotted(directory);

/** A volume whose directories pods' claims ask for. */
export type ClaimsVolume = Volume & Required<Pick<Volume, "reclaimPolicy">>;
export const isForClaims = (volume: Volume): volume is ClaimsVolume => volume.reclaimPolicy !== undefined;

/** The StorageClasses of a zone. */
export const claimsVolumes = ({ volumes }: Pick<Topology, "volumes">, zone: Pick<Zone, "name">): ClaimsVolume[] =>
  volumes.filter(isForClaims).filter((volume) => volume.zone === zone.name);

/** What an environment file declares. */
export const declaredVolumes = (volumes: Environment["volumes"]): Volume[] =>
  Object.entries(volumes).flatMap(([zone, declared]) =>
    Object.entries(declared).map(([path, entry]) => volume(zone, path, entry)),
  );

/** Where the databases' backups lie in the platform zone's tree. */
export const backupPath = "core/database-backup";

export const backupVolume = ({ backup }: Pick<Topology, "backup">): Volume => ({
  ...volume(platformZone, backupPath, backup),
  isOfSite: true,
});

/** All volumes of each site's NAS, by directory. */
export const volumesOf = (topology: Pick<Topology, "backup" | "volumes">): Volume[] =>
  [backupVolume(topology), ...topology.volumes].toSorted((a, b) => (a.directory < b.directory ? -1 : 1));

/** The NAS of whichever site asks: what is mounted by this name at one site is mounted from the other site's own NAS there. */
export const nasName = ({ dns }: Pick<Topology, "dns">): string => `nas.${dns.domain}`;
