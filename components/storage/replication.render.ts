import { platformPorts } from "../../environments/model/ports.ts";
import type { Host, Volume } from "../../environments/model/topology.ts";
import { managed } from "../managed.render.ts";
import { nasPaths } from "./ganesha.render.ts";

// How the standby site's NAS follows the active site's: it fetches by rsync, in TLS. Each believes the other one's certificate and nobody else's.

const directory = "/etc/tandem/nas-replication";
export const replicationPaths = {
  directory,
  tunnel: `${directory}/stunnel.conf`,
  module: `${directory}/rsyncd.conf`,
  run: `${directory}/run`,
  certificate: `${directory}/certificate.pem`,
  authorities: `${directory}/authorities.pem`,
  /** What a NAS's files go back to: the same on all that follow one another. One that began anew has another. */
  lineage: `${nasPaths.data}/.lineage`,
  /** How far it follows. */
  state: `${nasPaths.data}/.replication`,
  /** What the first copy after a change of roles took the place of. */
  replaced: `${nasPaths.data}/.replaced`,
} as const;

export interface Replication {
  readonly self: Host;
  readonly other: Host;
  /** The active site's serves, the standby's follows. */
  readonly follows: boolean;
  readonly everyMinutes: number;
  readonly volumes: readonly Volume[];
}

/** https://www.stunnel.org/static/stunnel.html */
export function renderTunnel({ self, other, follows }: Replication): string {
  const trust = [
    `cert = ${replicationPaths.certificate}`,
    `CAfile = ${replicationPaths.authorities}`,
    "verifyChain = yes",
    `checkHost = ${other.fqdn}`,
    "sslVersionMin = TLSv1.3",
  ];
  const logs = ["foreground = yes", "debug = warning", "pid ="];
  const server = [
    "[replication]",
    `accept = ${self.addresses.storage}:${platformPorts.nasReplication}`,
    "exec = /usr/bin/rsync",
    `execArgs = rsync --daemon --config=${replicationPaths.module}`,
  ];
  // rsync starts it for each connection.
  const client = ["client = yes", `connect = ${other.addresses.storage}:${platformPorts.nasReplication}`, "TIMEOUTclose = 0"];
  return [`; ${managed}`, ...logs, ...(follows ? client : server), ...trust, ""].join("\n");
}

/** rsyncd.conf(5), https://download.samba.org/pub/rsync/rsyncd.conf.5 */
export const renderModule = (): string => `# ${managed}
[nas]
path = ${nasPaths.data}
read only = yes
use chroot = no
munge symlinks = no
uid = 0
gid = 0
numeric ids = yes
reverse lookup = no
timeout = 600
`;

/** Days for which what was replaced after a change of roles is kept. */
const keepDays = 30;

/** The command of its container. */
export const renderReplication = (replication: Replication): string =>
  replication.follows ? renderFollow(replication) : renderServe();

const renderServe = (): string => `# ${managed}
set -eu
[ -e ${replicationPaths.lineage} ] || cat /proc/sys/kernel/random/uuid > ${replicationPaths.lineage}
# When it follows again, what it has beyond the other is kept.
rm -f ${replicationPaths.state}/follows
exec stunnel ${replicationPaths.tunnel}
`;

function renderFollow({ other, everyMinutes, volumes }: Replication): string {
  const own = volumes.filter(({ isOfSite }) => isOfSite).map(({ directory: path }) => path);
  const excluded = ["/.*", ...own.map((path) => `/${path}`)].map((path) => `--exclude='${path}'`).join(" ");
  // The standby site is changed first: what is declared stays, though the active site's NAS does not have it yet.
  const declared = [
    "/*/",
    ...new Set(volumes.flatMap(({ zone, stack, directory: path }) => [`/${zone}/${stack}/`, `/${path}/`])),
  ];
  const kept = declared.map((path) => `--filter='protect ${path}'`).join(" ");
  const pruned = ["-path './.*'", ...own.map((path) => `-path './${path}'`)].map((each) => `${each} -prune -o`).join(" ");
  return `# ${managed}
# Fetches what the NAS ${other.name} has.
set -u
export TZ=UTC LC_ALL=C.UTF-8 RSYNC_CONNECT_PROG='stunnel ${replicationPaths.tunnel}'
source=rsync://${other.addresses.storage}/nas
state=${replicationPaths.state}
lineage=${replicationPaths.lineage}
cd ${nasPaths.data} || exit 1
mkdir -p -m 0700 "$state"

follow() {
  rsync --timeout=60 "$source/.lineage" "$state/theirs" || return
  if ! cmp -s "$state/theirs" "$lineage"; then
    found=$(find . ${pruned} -type f -print -quit)
    [ -z "$found" ] || { echo "the files here, as \${found#./}, do not go back to those of ${other.name}: one of the two began anew, and nothing is taken away for it"; return 1; }
    # Before the first file: a copy that is interrupted goes on.
    cp "$state/theirs" "$lineage"
  fi
  keep=
  [ -e "$state/follows" ] || keep="--backup --backup-dir=${replicationPaths.replaced}/$(date +%Y%m%dT%H%M%SZ)"
  rsync --archive --hard-links --numeric-ids --delete-after --timeout=60 $keep ${excluded} ${kept} "$source/" ./
  code=$?
  # 24: files went away while they were copied.
  [ $code = 0 ] || [ $code = 24 ] || return $code
  : > "$state/follows"
}

while :; do
  began=$(date +%s)
  if said=$(follow 2>&1); then
    # All that was written before it began is here.
    echo "$began $(date +%s)" > "$state/last.new" && mv "$state/last.new" "$state/last"
    rm -f "$state/problem"
  else
    echo "tandem: $said" >&2
    printf '%s\\n' "$said" | tail -n 1 > "$state/problem"
  fi
  find ${replicationPaths.replaced} -mindepth 1 -maxdepth 1 -mtime +${keepDays} -exec rm -rf {} + 2> /dev/null
  left=$((began + ${everyMinutes * 60} - $(date +%s)))
  [ $left -le 0 ] || sleep $left
done
`;
}

/** Prints since when and until when the last copy was made, in seconds since 1970, if there is one; then what is wrong, if anything. */
export const renderFollowed = (): string =>
  `printf '%s\\n' "$(cat ${replicationPaths.state}/last 2> /dev/null)"; cat ${replicationPaths.state}/problem 2> /dev/null || true`;

/** Reads and writes files of any owner, gives them theirs, and listens on a port below 1024. */
export const replicationCapabilities = [
  "CAP_CHOWN",
  "CAP_DAC_OVERRIDE",
  "CAP_DAC_READ_SEARCH",
  "CAP_FOWNER",
  "CAP_FSETID",
  "CAP_NET_BIND_SERVICE",
  "CAP_SETGID",
  "CAP_SETUID",
] as const;
