# Managed by Tandem: changes by hand are found and reported.
# Copies to registry.platform.dc2.reference.tandem.internal what the registry of this host holds.
set -u -o pipefail
export TZ=UTC LC_ALL=C.UTF-8 SSL_CERT_FILE=/etc/tandem/registry-replication/authorities.pem
there=10.30.11.8
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
    *) echo "${*: -1}: HTTP status ${answer%% *}" >&2; return 1 ;;
  esac
}

# Prints the digest that a tag has at the other site.
theirs() { digest --config /etc/tandem/registry-replication/request.conf "https://$there:443/v2/$1/manifests/$2"; }

# By skopeo: layers first, those that are there already not again, and the manifest last, so that there never is half an image.
copy() {
  skopeo copy --quiet --insecure-policy --all --preserve-digests --src-no-creds --src-tls-verify=false \
    --dest-authfile /etc/tandem/registry-replication/login.json "docker://127.0.0.1:5000/$1:$2" "docker://$there/$1:$2"
}

# Copies all that the other site lacks or has another of; says how many could not be copied, and why the first one.
compare() {
  local failed=0 first= said repository tag digest other
  bash /etc/tandem/registry/inventory > "$state/inventory" || return
  while read -r repository tag digest; do
    other=$(theirs "$repository" "$tag") || return
    [ "$other" != "$digest" ] || continue
    said=$(copy "$repository" "$tag" 2>&1) || { failed=$((failed + 1)); first=${first:-"$repository:$tag: ${said##*$'\n'}"}; }
  done < "$state/inventory"
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
    printf '%s\n' "${said##*$'\n'}" > "$state/problem"
  fi
  due=$((began + 900))
done
