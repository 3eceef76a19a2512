# Managed by Tandem: changes by hand are found and reported.
set -u
directories() {
  grep -v '^#' /etc/tandem/nas/directories | while read -r directory; do
    [ -d "/srv/nas/$directory" ] || install -d -o 900 -g 900 -m 0770 "/srv/nas/$directory" || return
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
