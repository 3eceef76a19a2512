# Managed by Tandem: changes by hand are found and reported.
set -u
directories() {
  grep -v '^#' /etc/tandem/nas/directories | while read -r mode owner directory; do
    path=/srv/nas/$directory
    # A zone's link leads where the zone likes.
    [ "$(realpath --canonicalize-missing "$path")" = "$path" ] || { echo "tandem: $path: there is a link in it; it is not made" >&2; continue; }
    [ -d "$path" ] || install -d -o "$owner" -g 900 -m "$mode" "$path" || return
  done
}
install -d -m 0700 /srv/nas/.recovery && directories || exit 1
ganesha.nfsd -F -L STDOUT -p /run/ganesha.pid -f /etc/tandem/nas/ganesha.conf &
server=$!
trap 'directories; kill -HUP $server' HUP
trap 'kill -TERM $server' TERM
# A signal ends the first wait, not the server.
while :; do
  wait $server
  code=$?
  kill -0 $server 2>/dev/null || exit $code
done
