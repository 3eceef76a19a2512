# Managed by Tandem: changes by hand are found and reported.
set -u -o pipefail
export LC_ALL=C.UTF-8
here=http://127.0.0.1:5000/v2

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
  last=${repositories##*$'\n'}
done
