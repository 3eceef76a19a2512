import type { NasExport } from "../../environments/model/exports.ts";
import { platformPorts } from "../../environments/model/ports.ts";
import { serviceAccount } from "../../environments/model/service-account.ts";
import { nasGraceSeconds } from "../../environments/model/timings.ts";
import type { Host, Timings, Volume } from "../../environments/model/topology.ts";
import { isForClaims } from "../../environments/model/volumes.ts";
import { managed } from "../managed.render.ts";

/** Where a NAS host's things are in its server's container; what lies below `configuration` is at the same path on its host. */
export const nasPaths = {
  server: "/etc/tandem/nas/ganesha.conf",
  exports: "/etc/tandem/nas/exports.conf",
  directories: "/etc/tandem/nas/directories",
  measure: "/etc/tandem/nas/measure",
  start: "/etc/tandem/nas/start",
  /** Below it a directory a zone, and in it those of its volumes. */
  data: "/srv/nas",
  /** Which clients hold what, so that they get it back after a restart. No export contains it. */
  recovery: "/srv/nas/.recovery",
} as const;

/** https://github.com/nfs-ganesha/nfs-ganesha/blob/V4.3/src/doc/man/ganesha-core-config.rst, and ganesha-export-config.rst for the exports. */
export const renderGanesha = ({ addresses }: Host, timings: Timings): string => `# ${managed}
NFS_CORE_PARAM {
    Protocols = 4;
    NFS_Port = ${platformPorts.nfs};
    # The storage plane. Where the kernel has IPv6, 4.3 listens on all addresses all the same: the host's packet filter lets in what comes to this one.
    Bind_addr = ${addresses.storage};
    Enable_UDP = false;
    Enable_NLM = false;
    Enable_RQUOTA = false;
}
NFSv4 {
    # 4.0 would call clients back, through the hosts' own packet filters.
    Minor_Versions = 1, 2;
    Only_Numeric_Owners = true;
    Lease_Lifetime = ${timings.nasLeaseSeconds};
    Grace_Period = ${nasGraceSeconds(timings)};
    RecoveryBackend = fs_ng;
    RecoveryRoot = ${nasPaths.recovery};
}
LOG {
    Default_Log_Level = EVENT;
}
%include ${nasPaths.exports}
`;

/** Read again by a signal: a zone comes or goes while the others go on. */
export const renderExports = (exports: readonly NasExport[]): string => [`# ${managed}\n`, ...exports.map(renderExport)].join("");

const renderExport = ({ zone, path, id, clients, isWritable }: NasExport): string => `EXPORT {
    Export_Id = ${id};
    Path = ${nasPaths.data}/${zone};
    Pseudo = ${path};
    Protocols = 4;
    Transports = TCP;
    SecType = sys;
    Access_Type = NONE;
    Squash = Root_Squash;
    Anonymous_Uid = ${nobody};
    Anonymous_Gid = ${nobody};
    FSAL { Name = VFS; }
    CLIENT {
        Clients = ${clients};
        Protocols = 4;
        Access_Type = ${isWritable ? "RW" : "RO"};
        Squash = Root_Squash;
    }
}
`;

/**
 * What lies below the data's directory from the beginning: each zone's tree, and its volumes. Parents first, with their modes: a client's root, who mounts a
 * volume and is nobody here, has to come through what is above it; into the volume itself only its users' account comes.
 */
export function renderDirectories(exports: readonly NasExport[], volumes: readonly Volume[]): string {
  const ownerships = new Map(
    exports.flatMap(({ zone }) => [
      [zone, passage] as const,
      ...volumes
        .filter((volume) => volume.zone === zone)
        .flatMap((volume) => [[`${zone}/${volume.stack}`, passage] as const, [volume.directory, ownershipOf(volume)] as const]),
    ]),
  );
  const lines = [...ownerships]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([directory, { mode, owner }]) => `${mode} ${owner} ${directory}`);
  return [`# ${managed}`, ...lines, ""].join("\n");
}

/** What a client's root is here. */
export const nobody = 65534;

/** Whose a directory is; its group is always the service account's. */
interface Ownership {
  readonly mode: string;
  readonly owner: number;
}

/** Of what is above a volume. */
export const passage: Ownership = { mode: "0771", owner: serviceAccount.id };

/** In that of a StorageClass a node's root, who is nobody here, makes the claims' directories; its group becomes theirs. */
export const ownershipOf = (volume: Volume): Ownership =>
  isForClaims(volume) ? { mode: "2770", owner: nobody } : { mode: "0770", owner: serviceAccount.id };

/**
 * The command of its container. Directories belong to the account of the services, which nobody's root is; a volume that comes later gets its
 * directory before the server reads of its zone.
 */
export const renderStartNas = (): string => `# ${managed}
set -u
directories() {
  grep -v '^#' ${nasPaths.directories} | while read -r mode owner directory; do
    path=${nasPaths.data}/$directory
    # A zone's link leads where the zone likes.
    [ "$(realpath --canonicalize-missing "$path")" = "$path" ] || { echo "tandem: $path: there is a link in it; it is not made" >&2; continue; }
    [ -d "$path" ] || install -d -o "$owner" -g ${serviceAccount.id} -m "$mode" "$path" || return
  done
}
install -d -m 0700 ${nasPaths.recovery} && directories || exit 1
ganesha.nfsd -F -L STDOUT -p /run/ganesha.pid -f ${nasPaths.server} &
server=$!
trap 'directories; kill -HUP $server' HUP
trap 'kill -TERM $server' TERM
# A signal ends the first wait, not the server.
while :; do
  wait $server
  code=$?
  kill -0 $server 2>/dev/null || exit $code
done
`;

/** Deepest directories that are measured: those of volumes, /<zone>/<stack>/<service>. */
const measuredDepth = 3;

/** Prints block size, blocks and free blocks of the disk, then what each directory holds in bytes; a byte of zero ends each, since clients choose names. */
export const renderMeasureNas = (): string => `# ${managed}
set -eu
cd ${nasPaths.data}
printf '%s\\0' "$(stat --file-system --format='%S %b %a' .)"
exec nice -n 19 ionice -c 3 du --null --block-size=1 --one-file-system --max-depth=${measuredDepth} .
`;

/** What the host runs after exports or directories were written; a server that does not run yet reads them when it starts. */
export const reloadNas = `pkill -HUP -f '^sh ${nasPaths.start}$' || true`;

/**
 * Opens files by handle, as any client, and makes them any client's.
 * https://github.com/nfs-ganesha/nfs-ganesha/wiki/VFS
 */
export const nasCapabilities = [
  "CAP_CHOWN",
  "CAP_DAC_OVERRIDE",
  "CAP_DAC_READ_SEARCH",
  "CAP_FOWNER",
  "CAP_FSETID",
  "CAP_SETGID",
  "CAP_SETUID",
] as const;
