import type { Environment } from "./schema.ts";
import { platformZone, type Topology, type Volume } from "./topology.ts";

const volume = (
  zone: string,
  path: string,
  { sizeGib, sharedBy }: { readonly sizeGib: number; readonly sharedBy?: readonly string[] | undefined },
): Volume => {
  const [stack = "", service = ""] = path.split("/");
  return { zone, stack, service, directory: `${zone}/${path}`, sizeGib, users: sharedBy ?? [service], isOfSite: false };
};

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
