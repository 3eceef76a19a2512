import { renderPackagesScript } from "../host/accounts.render.ts";
import { managed } from "../managed.render.ts";

/**
 * How every volume of the NAS is mounted: a writer waits for its NAS for as long as it takes (`soft` would tell it of an error that it takes for its data's).
 * nfs(5), https://man7.org/linux/man-pages/man5/nfs.5.html
 */
export const mountOptions = ["nfsvers=4.1", "hard"] as const;

/** What a host keeps running that mounts from the NAS. */
export const startAgainPath = "/etc/tandem/nas-start-again";

/**
 * After a power failure a host can be there before its NAS. Docker gives up on a container whose volume it can't mount: its restart policy is for
 * what has run before, https://docs.docker.com/engine/containers/start-containers-automatically/.
 */
export const renderStartAgain = (everySeconds: number): string => `# ${managed}
set -u
while :; do
  for container in $(docker ps --all --quiet --filter label=tandem.service --filter status=created --filter status=exited); do
    # One that a person stopped has no error.
    [ -z "$(docker inspect --format '{{.State.Error}}' "$container")" ] || docker start "$container"
  done
  sleep ${everySeconds}
done
`;

/** What rpcbind is started by. Clients of NFS 4 need none of it; it would listen on all addresses. */
const listeners = ["rpcbind.service", "rpcbind.socket"] as const;

/** What a real machine mounts volumes of pods with. */
export const renderNfsPrograms =
  (): string => `${renderPackagesScript(["nfs-common"])}systemctl mask --quiet --now ${listeners.join(" ")}
`;
export const renderNfsProgramsProbe = (): string =>
  `test -e /sbin/mount.nfs && systemctl is-enabled ${listeners.join(" ")} || true`;
export const renderNfsProgramsExpected = (): string => listeners.map(() => "masked\n").join("");
