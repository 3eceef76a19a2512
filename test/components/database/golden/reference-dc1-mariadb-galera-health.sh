#!/bin/sh
# Managed by Tandem: changes by hand are found and reported.
# Answers one HTTP request on standard input: GET / for the node's health, GET /writer for whether clients may write here,
# GET /members for who is in the primary component with it.
read -r method path protocol || exit 0
while read -r header && [ "${#header}" -gt 1 ]; do :; done
# Who writes the page does it in place: one that finds it empty looks again.
tries=0
until { read -r written && read -r reason && read -r writer && read -r members; } 2>/dev/null < /run/database/page; do
  tries=$((tries + 1)) written=- reason=starting writer=starting members=
  [ $tries -lt 10 ] || break
  sleep 0.01
done
case $path in
  /writer) reason=$writer good=writer ;;
  /members) [ -z "$members" ] || reason=; good=$members ;;
  *) good=healthy ;;
esac
if [ "$written" != - ]; then
  read -r now rest < /proc/uptime
  now=${now%.*}${now#*.}
  [ $((now - written)) -le 500 ] || reason="no word from the server for $(((now - written) / 100)) s"
fi
code='503 Service Unavailable'
[ -n "$reason" ] || { code='200 OK'; reason=$good; }
printf 'HTTP/1.1 %s\r\nContent-Type: text/plain\r\nContent-Length: %s\r\nConnection: close\r\n\r\n%s\n' "$code" $((${#reason} + 1)) "$reason"
