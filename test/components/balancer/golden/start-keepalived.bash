set -u
check() { keepalived --config-test --use-file=/etc/tandem/balancer/keepalived.conf; }
take_up() { kill -HUP "$keepalived"; }
requests=/etc/tandem/balancer/keepalived.requests
# Open at both ends, so that it stays open when nobody asks.
until [ -p "$requests" ]; do sleep 1; done
exec 3<> "$requests"

content() { cat /etc/tandem/balancer/*.conf 2>/dev/null | cksum; }
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
setting() { sed -n "s/^# watch-$1 //p" /etc/tandem/balancer/keepalived.conf; }
settings() { every=$(setting every-seconds) patience=$(setting answer-seconds) fall=$(setting fall); }

# HAProxy's own page, on the loopback interface that the host's services share.
haproxy_answers() {
  { printf 'GET / HTTP/1.0\r\n\r\n' >&4 && read -r -t "$patience" -u 4 protocol code rest && [ "$code" = 200 ]; } \
    2>/dev/null 4<> /dev/tcp/127.0.0.1/8405
}

trap '' PIPE
settings
content > /run/balancer/loaded
# No VIP comes to this host before its HAProxy has answered.
echo 1 > /run/balancer/haproxy
keepalived --dont-fork --log-console --log-detail --vrrp --use-file=/etc/tandem/balancer/keepalived.conf \
  --pid=/run/balancer/keepalived.pid --vrrp_pid=/run/balancer/vrrp.pid 3<&- &
keepalived=$!
trap 'kill -TERM "$keepalived"' TERM INT

failures=0 told=1 request=
while kill -0 "$keepalived" 2>/dev/null; do
  # What was read of a line before the time was over stays for the next round.
  part=
  if read -r -t "$every" -u 3 part; then answer "$request$part" & request= && settings; else request=$request$part; fi
  if haproxy_answers; then failures=0 now=0; else failures=$((failures + 1)) now=$told; fi
  [ "$failures" -lt "$fall" ] || now=1
  [ "$now" = "$told" ] || { echo "$now" > /run/balancer/haproxy; told=$now; }
done
