#!/bin/sh
# Managed by Tandem: changes by hand are found and reported.
# Answers one HTTP request on standard input: GET / for the node's health, GET /writer for whether clients may write here.
read -r method path protocol || exit 0
while read -r header && [ "${#header}" -gt 1 ]; do :; done
written=- reason=starting writer=starting
{ read -r written; read -r reason; read -r writer; } 2>/dev/null < /run/database/page
[ "$path" != /writer ] || reason=$writer
if [ "$written" != - ]; then
  read -r now rest < /proc/uptime
  now=${now%.*}${now#*.}
  [ $((now - written)) -le 250 ] || reason="no word from the server for $(((now - written) / 100)) s"
fi
code='503 Service Unavailable'
[ -n "$reason" ] || { code='200 OK'; reason=${path#/}; reason=${reason:-healthy}; }
printf 'HTTP/1.1 %s\r\nContent-Type: text/plain\r\nContent-Length: %s\r\nConnection: close\r\n\r\n%s\n' "$code" $((${#reason} + 1)) "$reason"
