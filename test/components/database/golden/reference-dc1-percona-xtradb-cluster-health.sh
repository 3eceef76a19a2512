#!/bin/sh
# Managed by Tandem: changes by hand are found and reported.
# Answers one HTTP request on standard input with the health of this database node.
read -r method path protocol || exit 0
while read -r header && [ "${#header}" -gt 1 ]; do :; done

answer() {
  printf 'HTTP/1.1 %s\r\nContent-Type: text/plain\r\nContent-Length: %s\r\nConnection: close\r\n\r\n%s\n' "$1" $((${#2} + 1)) "$2"
  exit 0
}
refuse() { answer '503 Service Unavailable' "$1"; }

read -r doing < /run/database/state || doing='starting'
[ "$doing" = started ] || refuse "$doing"

query="SHOW GLOBAL STATUS WHERE Variable_name IN ('wsrep_cluster_status', 'wsrep_local_recv_queue', 'wsrep_local_state', 'wsrep_local_state_comment', 'wsrep_ready');
SHOW GLOBAL VARIABLES WHERE Variable_name = 'read_only'"
found=$(timeout 2 mysql --no-defaults --protocol=socket --socket=/run/database/mysqld.sock --user=health-check --ssl-mode=VERIFY_CA --ssl-ca=/etc/tandem/database/tls/authority.crt \
  --ssl-cert=/etc/tandem/database/tls/health.crt --ssl-key=/etc/tandem/database/tls/health.key --skip-column-names --batch --execute="$query" 2>&1) ||
  refuse "the server does not answer: $found"

cluster= queue= number= state= ready= read_only=
while read -r name value; do
  case $name in
    wsrep_cluster_status) cluster=$value ;;
    wsrep_local_recv_queue) queue=$value ;;
    wsrep_local_state) number=$value ;;
    wsrep_local_state_comment) state=$value ;;
    wsrep_ready) ready=$value ;;
    read_only) read_only=$value ;;
  esac
done <<END
$found
END

[ "$cluster" = Primary ] || refuse "not in the primary component: $cluster"
[ "$number" = 4 ] || refuse "not synced: $state"
[ "$ready" = ON ] || refuse 'not ready'
[ "$read_only" = OFF ] || refuse 'read only'
if [ "$path" = /candidate ] && [ "$queue" != 0 ]; then refuse "may not become the writer: $queue write sets wait in the receive queue"; fi
answer '200 OK' "$cluster, $state"
