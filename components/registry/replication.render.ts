import { platformPorts, registryPorts } from "../../environments/model/ports.ts";
import { replicationAccount } from "../../environments/model/registry.ts";
import type { Vip } from "../../environments/model/topology.ts";
import { managed } from "../managed.render.ts";
import { registryPaths } from "./registry.render.ts";

// How the active site's registry fills the standby site's: each image as soon as it is pushed, and on a schedule all that the other one lacks.

const directory = "/etc/tandem/registry-replication";
export const replicationPaths = {
  run: `${directory}/run`,
  event: `${directory}/event`,
  authorities: `${directory}/authorities.pem`,
  /** Secret: how skopeo and curl log in at the other site. */
  login: `${directory}/login.json`,
  request: `${directory}/request.conf`,
  /** What was pushed and waits to be copied: a pipe, in memory. */
  queue: "/run/registry/queue",
  runtime: "/run/registry",
  state: registryPaths.replicated,
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

/** What `digest` ends with where the registry answers with an error; where it does not answer, with curl's own code. */
const answersWrong = 100;

/** Asks a registry for the digest of a tag, or of a manifest by its digest: prints it, or nothing where there is no such. */
const renderDigest = `digest() {
  local answer
  answer=$(curl --silent --show-error --head --connect-timeout 5 --max-time 30 --output /dev/null \\
    --header 'Accept: ${accepted.join(", ")}' --write-out '%{http_code} %header{docker-content-digest}' "$@") || return
  case $answer in
    200\\ sha256:*) echo "\${answer#200 }" ;;
    404\\ *) ;;
    *) echo "\${*: -1}: HTTP status \${answer%% *}" >&2; return ${answersWrong} ;;
  esac
}`;

/** What comes between a repository and a tag, or a digest: in bash. */
const renderName = `# Repository and reference as clients write them.
name() { case $2 in sha256:*) echo "$1@$2" ;; *) echo "$1:$2" ;; esac; }`;

/**
 * Prints all that the registry of this host holds, in a line each: repository, tag and digest; and of what has no tag, or lost it to a later one, the digest twice.
 * What can't be read is told of, and makes it fail at its end.
 */
export const renderInventory = (): string => `# ${managed}
set -u -o pipefail
export LC_ALL=C.UTF-8
here=http://${local}/v2
repositories=${registryPaths.data}/docker/registry/v2/repositories
failed=0

${renderDigest}

ask() { curl --silent --show-error --max-time 60 "$here/$1"; }
# A repository to which nothing but layers was pushed has no list of tags.
known='if .errors then if all(.errors[]; .code == "NAME_UNKNOWN") then empty else error(.errors | tostring) end else . end'

last=
while :; do
  page=$(ask "_catalog?n=500&last=$last" | jq --raw-output "$known | .repositories[]") || exit
  [ -n "$page" ] || break
  for repository in $page; do
    tags=$(ask "$repository/tags/list" | jq --raw-output "$known | .tags // [] | .[]") || { failed=1; continue; }
    listed=
    for tag in $tags; do
      digest=$(digest "$here/$repository/manifests/$tag") || { failed=1; continue; }
      [ -n "$digest" ] || continue
      echo "$repository $tag $digest" || exit
      listed="$listed $digest"
    done
    for revision in "$repositories/$repository/_manifests/revisions/sha256"/*; do
      digest=sha256:\${revision##*/}
      [ -s "$revision/link" ] || continue
      case "$listed " in *" $digest "*) ;; *) echo "$repository $digest $digest" || exit ;; esac
    done
  done
  last=\${page##*$'\\n'}
done
exit $failed
`;

/** The command of its container. */
export const renderReplication = ({ to, everyMinutes }: Replication): string => `# ${managed}
# Copies to ${to.fqdn} what the registry of this host holds.
set -u -o pipefail
export TZ=UTC LC_ALL=C.UTF-8 SSL_CERT_FILE=${replicationPaths.authorities}
there=${to.address}:${platformPorts.registry}
state=${replicationPaths.state}
mkdir -p "$state" || exit
rm -f ${replicationPaths.queue}
mkfifo -m 0600 ${replicationPaths.queue} || exit
exec 3<> ${replicationPaths.queue}

${renderDigest}

${renderName}

# Prints the digest that a tag has at the other site.
theirs() { digest --config ${replicationPaths.request} "https://$there/v2/$1/manifests/$2"; }

# By skopeo: layers first, those that are there already not again, and the manifest last, so that there never is half an image.
copy() {
  skopeo copy --quiet --insecure-policy --all --preserve-digests --src-no-creds --src-tls-verify=false \\
    --dest-authfile ${replicationPaths.login} "docker://${local}/$(name "$1" "$2")" "docker://$there/$(name "$1" "$2")"
}

# Copies what was pushed next, if anything is within some seconds. Says why, and fails, where the other site does not answer: the next comparison has it.
next() {
  local repository tag said
  IFS=' ' read -r -t "$1" repository tag <&3 || return 0
  said=$(theirs "$repository" "$tag" 2>&1)
  case $? in 0 | ${answersWrong}) ;; *) echo "$said"; return 1 ;; esac
  said=$(copy "$repository" "$tag" 2>&1) || echo "tandem: $repository:$tag: $said" >&2
}

# What is wrong, for who asks for the state.
tell() {
  echo "tandem: $1" >&2
  printf '%s\\n' "\${1##*$'\\n'}" > "$state/problem"
}

# Copies all that the other site lacks or has another of; says how many could not be copied, and why the first one.
compare() {
  local failed=0 first= incomplete= said repository tag digest other
  # What waits to be copied is among what is compared.
  while read -r -t 0 <&3; do read -r -t 1 <&3; done
  bash ${registryPaths.inventory} > "$state/inventory" || incomplete=1
  while read -r repository tag digest; do
    # What is pushed now does not wait for the end.
    while read -r -t 0 <&3; do next 1 || return; done
    other=$(theirs "$repository" "$tag" 2>&1)
    case $? in
      0) ;;
      ${answersWrong}) other=unknown ;;
      *) echo "$other"; return 1 ;;
    esac
    [ "$other" != "$digest" ] || continue
    if [ -n "$other" ] && [ "$other" != unknown ] && [ ! -e "$state/last" ]; then
      # Pushed there while that site was active, and not copied here since: nobody but a person can tell which one is right.
      said="both sites have one of their own; push the one that is right"
    else
      said=$(copy "$repository" "$tag" 2>&1) && continue
    fi
    failed=$((failed + 1))
    first=\${first:-"$(name "$repository" "$tag"): \${said##*$'\\n'}"}
  done < "$state/inventory"
  [ -z "$incomplete" ] || { echo "not all that is here could be read: npm run registry -- status names the first of it"; return 1; }
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
    said=$(next $left) || tell "$said"
    continue
  fi
  began=$EPOCHSECONDS
  if said=$(compare 2>&1); then
    # All that was pushed before it began is there.
    echo "$began" > "$state/last.new" && mv "$state/last.new" "$state/last"
    rm -f "$state/problem"
  else
    tell "$said"
  fi
  due=$((EPOCHSECONDS + ${everyMinutes * 60}))
done
`;

/** Answers the registry, which tells of what was pushed, and hands repositories and tags on. */
export const renderEvent = (): string => `# ${managed}
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
    auths: {
      [`${to.address}:${platformPorts.registry}`]: { auth: Buffer.from(`${replicationAccount}:${password}`).toString("base64") },
    },
  })}\n`;

/** How curl logs in (curl(1), --config). Secret. */
export const renderRequest = (password: string): string =>
  `# ${managed}
user = "${replicationAccount}:${password}"
cacert = "${replicationPaths.authorities}"
`;

/** Prints since when the other site has all, in seconds since 1970, if it ever had; then what is wrong, if anything. */
export const renderReplicated = (): string =>
  `printf '%s\\n' "$(cat ${replicationPaths.state}/last 2> /dev/null)"; cat ${replicationPaths.state}/problem 2> /dev/null || true`;
