#!/bin/sh
# Managed by Tandem: changes by hand are found and reported.
# reload haproxy | reload keepalived
set -eu
service=$1
requests=/etc/tandem/balancer/$service.requests
answer=/etc/tandem/balancer/answer-$service
worker() { curl --silent --max-time 2 http://127.0.0.1:8405/ || true; }

exec 9> "/run/lock/tandem-balancer-$service"
flock --timeout 120 9
rm -f "$answer"
for pipe in "$requests" "$answer"; do
  [ -p "$pipe" ] || mkfifo "$pipe"
  chown root:tandem-service "$pipe"
  chmod 0660 "$pipe"
done

before=$(worker)
if ! echo "$answer" | dd of="$requests" oflag=nonblock conv=nocreat,notrunc status=none 2>/dev/null; then
  pgrep -x "$service" > /dev/null || exit 0
  echo "$service runs but takes no requests: restart its container" >&2
  exit 1
fi
said=$(timeout 30 cat "$answer") || { echo "$service did not answer within 30 s whether it takes up its configuration" >&2; exit 1; }
case $said in
  unchanged) exit 0 ;;
  reloaded) ;;
  *) printf '%s\n' "$said" >&2; exit 1 ;;
esac
[ "$service" = haproxy ] || exit 0
tries=0
while now=$(worker); [ -z "$now" ] || [ "$now" = "$before" ]; do
  tries=$((tries + 1))
  [ "$tries" -lt 100 ] || { echo "haproxy serves with its old configuration: its log says why" >&2; exit 1; }
  sleep 0.1
done
