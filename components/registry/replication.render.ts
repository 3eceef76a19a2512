import { platformPorts, registryPorts } from "../../environments/model/ports.ts";
import { replicationAccount } from "../../environments/model/registry.ts";
import type { Vip } from "../../environments/model/topology.ts";
import { managedHeader, registryPaths } from "./registry.render.ts";

// How the active site's registry fills the standby site's: each image as soon as it is pushed, and on a schedule all that the other one lacks.

const directory = "/etc/tandem/registry-replication";
export const replicationPaths = {
  directory,
  run: `${directory}/run`,
  event: `${directory}/event`,
  authorities: `${directory}/authorities.pem`,
  /** Secret: how skopeo and curl log in at the other site. */
  login: `${directory}/login.json`,
  request: `${directory}/request.conf`,
  /** What was pushed and waits to be copied: a pipe, in memory. */
  queue: "/run/registry/queue",
  runtime: "/run/registry",
  /** How far the other site's follows. */
  state: `${registryPaths.data}/replication`,
} as const;

export interface Replication {
  /** Of the other site's registry. */
  readonly to: Vip;
  readonly everyMinutes: number;
}

const local = `127.0.0.1:${registryPorts.registry}`;

/** All kinds of manifests that a registry holds, so that it answers with the one that it has. */
const accepted = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.docker.distribution.manifest.v2+json",
];

/** Asks a registry for a tag's digest: prints it, or nothing where there is no such tag. */
const renderDigest = `digest() {
  local answer
  answer=$(curl --silent --show-error --head --connect-timeout 5 --max-time 30 --output /dev/null \\
    --header 'Accept: ${accepted.join(", ")}' --write-out '%{http_code} %header{docker-content-digest}' "$@") || return
  case $answer in
    200\\ sha256:*) echo "\${answer#200 }" ;;
    404\\ *) ;;
    *) echo "\${*: -1}: HTTP status \${answer%% *}" >&2; return 1 ;;
  esac
}`;

/** Prints all that the registry of this host holds: repository, tag and digest in a line each. */
export const renderInventory = (): string => `${managedHeader}
set -u -o pipefail
export LC_ALL=C.UTF-8
here=http://${local}/v2

${renderDigest}

ask() { curl --silent --show-error --fail --max-time 60 "$here/$1"; }

last=
while :; do
  repositories=$(ask "_catalog?n=500&last=$last" | jq --raw-output '.repositories[]') || exit
  [ -n "$repositories" ] || break
  for repository in $repositories; do
    # One to which nothing but layers was pushed has no list.
    tags=$(curl --silent --show-error --max-time 60 "$here/$repository/tags/list" | jq --raw-output '.tags // [] | .[]') || exit
    for tag in $tags; do
      digest=$(digest "$here/$repository/manifests/$tag") || exit
      [ -z "$digest" ] || echo "$repository $tag $digest"
    done
  done
  last=\${repositories##*$'\\n'}
done
`;

/** The command of its container. */
export const renderReplication = ({ to, everyMinutes }: Replication): string => `${managedHeader}
# Copies to ${to.fqdn} what the registry of this host holds.
set -u -o pipefail
export TZ=UTC LC_ALL=C.UTF-8 SSL_CERT_FILE=${replicationPaths.authorities}
there=${to.address}
state=${replicationPaths.state}
mkdir -p "$state" || exit
rm -f ${replicationPaths.queue}
mkfifo -m 0600 ${replicationPaths.queue} || exit
exec 3<> ${replicationPaths.queue}

${renderDigest}

# Prints the digest that a tag has at the other site.
theirs() { digest --config ${replicationPaths.request} "https://$there:${platformPorts.registry}/v2/$1/manifests/$2"; }

# By skopeo: layers first, those that are there already not again, and the manifest last, so that there never is half an image.
copy() {
  skopeo copy --quiet --insecure-policy --all --preserve-digests --src-no-creds --src-tls-verify=false \\
    --dest-authfile ${replicationPaths.login} "docker://${local}/$1:$2" "docker://$there/$1:$2"
}

# Copies all that the other site lacks or has another of; says how many could not be copied, and why the first one.
compare() {
  local failed=0 first= said repository tag digest other
  bash ${registryPaths.inventory} > "$state/inventory" || return
  while read -r repository tag digest; do
    other=$(theirs "$repository" "$tag") || return
    [ "$other" != "$digest" ] || continue
    said=$(copy "$repository" "$tag" 2>&1) || { failed=$((failed + 1)); first=\${first:-"$repository:$tag: \${said##*$'\\n'}"}; }
  done < "$state/inventory"
  [ $failed = 0 ] || { echo "$failed images could not be copied, $first"; return 1; }
}

(
  while :; do
    socat TCP-LISTEN:${registryPorts.events},bind=127.0.0.1,reuseaddr,fork,max-children=10 EXEC:'bash ${replicationPaths.event}'
    sleep 1
  done
) &
due=$EPOCHSECONDS
while :; do
  left=$((due - EPOCHSECONDS))
  if [ $left -gt 0 ]; then
    IFS=' ' read -r -t $left repository tag <&3 || continue
    # While the other site does not answer, nothing is gained by trying with each.
    theirs "$repository" "$tag" > /dev/null 2>&1 || continue
    said=$(copy "$repository" "$tag" 2>&1) || echo "tandem: $repository:$tag: $said" >&2
    continue
  fi
  began=$EPOCHSECONDS
  if said=$(compare 2>&1); then
    # All that was pushed before it began is there.
    echo "$began" > "$state/last.new" && mv "$state/last.new" "$state/last"
    rm -f "$state/problem"
  else
    echo "tandem: $said" >&2
    printf '%s\\n' "\${said##*$'\\n'}" > "$state/problem"
  fi
  due=$((began + ${everyMinutes * 60}))
done
`;

/** Answers the registry, which tells of what was pushed, and hands repositories and tags on. */
export const renderEvent = (): string => `${managedHeader}
length=0
while read -r header value rest; do
  [ "\${#header}" -gt 1 ] || break
  case \${header,,} in content-length:) length=\${value%$'\\r'} ;; esac
done
if head --bytes "$length" | jq --raw-output '.events[] | select(.action == "push" and .target.tag) | "\\(.target.repository) \\(.target.tag)"' > ${replicationPaths.queue}
then code='200 OK'; else code='500 Internal Server Error'; fi
printf 'HTTP/1.1 %s\\r\\nContent-Length: 0\\r\\nConnection: close\\r\\n\\r\\n' "$code"
`;

/** How skopeo logs in (containers-auth.json(5)). Secret. */
export const renderLogin = ({ to }: Replication, password: string): string =>
  `${JSON.stringify({
    auths: { [to.address]: { auth: Buffer.from(`${replicationAccount}:${password}`).toString("base64") } },
  })}\n`;

/** How curl logs in (curl(1), --config). Secret. */
export const renderRequest = (password: string): string =>
  `${managedHeader}
user = "${replicationAccount}:${password}"
cacert = "${replicationPaths.authorities}"
`;

/** Prints since when the other site has all, in seconds since 1970, if it ever had; then what is wrong, if anything. */
export const renderReplicated = (): string =>
  `cat ${replicationPaths.state}/last 2> /dev/null || echo; cat ${replicationPaths.state}/problem 2> /dev/null || true`;
