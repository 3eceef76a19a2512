set -u
check() { haproxy -c -f /etc/tandem/balancer; }
workers() {
  for stat in /proc/[0-9]*/stat; do
    read -r pid name state parent rest < "$stat" && [ "$parent" = "$master" ] && [ "$name" = '(haproxy)' ] && echo "$pid"
  done 2>/dev/null
}
# The master starts a new worker, and those before keep the connections that they have.
take_up() {
  workers > /run/balancer/replaced
  kill -USR2 "$master"
}
end_replaced() {
  for pid in $(workers); do
    grep -qx "$pid" /run/balancer/replaced && kill -TERM "$pid"
  done
}
requests=/etc/tandem/balancer/haproxy.requests
# Open at both ends, so that it stays open when nobody asks.
until [ -p "$requests" ]; do sleep 1; done
exec 3<> "$requests"

content() { cat /etc/tandem/balancer/*.cfg /etc/tandem/balancer/*.pem /etc/tandem/balancer/*.crt 2>/dev/null | cksum; }
reload() {
  [ "$(content)" = "$(cat /run/balancer/loaded)" ] && { echo unchanged; return; }
  check > /run/balancer/said 2>&1 || { echo refused; cat /run/balancer/said; return; }
  content > /run/balancer/loaded
  take_up
  echo reloaded
}
# The host may have gone away meanwhile: nobody waits for it longer than this.
answer() {
  case $1 in /etc/tandem/balancer/answer-*) reload | timeout 10 sh -c 'cat > "$0"' "$1" ;; esac
}
content > /run/balancer/loaded
: > /run/balancer/replaced
mkfifo /run/balancer/events
haproxy -W -f /etc/tandem/balancer 3<&- 5<> /run/balancer/events &
master=$!
trap 'kill -TERM "$master"' TERM INT
while read -r request <&3; do answer "$request"; done &
# Opened twice: HAProxy makes its own end one that never waits.
while read -r event; do
  case $event in 'Server '*' is UP'*) end_replaced ;; esac
done <> /run/balancer/events &
# A signal ends the first wait, not HAProxy.
while :; do
  wait "$master"
  code=$?
  kill -0 "$master" 2>/dev/null || exit $code
done
