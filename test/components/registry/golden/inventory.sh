# Managed by Tandem: changes by hand are found and reported.
set -u -o pipefail
export LC_ALL=C.UTF-8
here=http://127.0.0.1:5000/v2
repositories=/var/lib/registry/docker/registry/v2/repositories
failed=0

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
      digest=sha256:${revision##*/}
      [ -s "$revision/link" ] || continue
      case "$listed " in *" $digest "*) ;; *) echo "$repository $digest $digest" || exit ;; esac
    done
  done
  last=${page##*$'\n'}
done
exit $failed
