# Managed by Tandem: changes by hand are found and reported.
# Copies to registry.platform.dc2.reference.tandem.internal what the registry of this host holds.
set -u -o pipefail
export TZ=UTC LC_ALL=C.UTF-8 SSL_CERT_FILE=/etc/tandem/registry-replication/authorities.pem
there=10.30.11.8:443
state=/var/lib/registry/replication
mkdir -p "$state" || exit
rm -f /run/registry/queue
mkfifo -m 0600 /run/registry/queue || exit
exec 3<> /run/registry/queue

digest() {
  local answer
  answer=$(curl --silent --show-error --head --connect-timeout 5 --max-time 30 --output /dev/null \
    --header 'Accept: application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.list.v2+json, application/vnd.docker.distribution.manifest.v2+json' --write-out '%{http_code} %header{docker-content-digest}' "$@") || return
  case $answer in
    200\ sha256:*) echo "${answer#200 }" ;;
    404\ *) ;;
    *) echo "${*: -1}: HTTP status ${answer%% *}" >&2; return 100 ;;
  esac
}

# Repository and reference as clients write them.
name() { case $2 in sha256:*) echo "$1@$2" ;; *) echo "$1:$2" ;; esac; }

# Prints the digest that a tag has at the other site.
theirs() { digest --config /etc/tandem/registry-replication/request.conf "https://$there/v2/$1/manifests/$2"; }

# By skopeo: layers first, those that are there already not again, and the manifest last, so that there never is half an image.
copy() {
  skopeo copy --quiet --insecure-policy --all --preserve-digests --src-no-creds --src-tls-verify=false \
    --dest-authfile /etc/tandem/registry-replication/login.json "docker://127.0.0.1:5000/$(name "$1" "$2")" "docker://$there/$(name "$1" "$2")"
}

# Copies what was pushed next, if anything is within some seconds. Says why, and fails, where the other site does not answer: the next comparison has it.
next() {
  local repository tag said
  IFS=' ' read -r -t "$1" repository tag <&3 || return 0
  said=$(theirs "$repository" "$tag" 2>&1)
  case $? in 0 | 100) ;; *) echo "$said"; return 1 ;; esac
  said=$(copy "$repository" "$tag" 2>&1) || echo "tandem: $repository:$tag: $said" >&2
}

# What is wrong, for who asks for the state.
tell() {
  echo "tandem: $1" >&2
  printf '%s\n' "${1##*$'\n'}" > "$state/problem"
}

# Copies all that the other site lacks or has another of; says how many could not be copied, and why the first one.
compare() {
  local failed=0 first= incomplete= said repository tag digest other
  # What waits to be copied is among what is compared.
  while read -r -t 0 <&3; do read -r -t 1 <&3; done
  bash /etc/tandem/registry/inventory > "$state/inventory" || incomplete=1
  while read -r repository tag digest; do
    # What is pushed now does not wait for the end.
    while read -r -t 0 <&3; do next 1 || return; done
    other=$(theirs "$repository" "$tag" 2>&1)
    case $? in
      0) ;;
      100) other=unknown ;;
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
    first=${first:-"$(name "$repository" "$tag"): ${said##*$'\n'}"}
  done < "$state/inventory"
  [ -z "$incomplete" ] || { echo "not all that is here could be read: npm run registry -- status names the first of it"; return 1; }
  [ $failed = 0 ] || { echo "$failed images could not be copied, $first"; return 1; }
}

(
  while :; do
    socat TCP-LISTEN:5002,bind=127.0.0.1,reuseaddr,fork,max-children=10 EXEC:'bash /etc/tandem/registry-replication/event'
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
  due=$((EPOCHSECONDS + 900))
done
