#!/bin/sh
# Managed by Tandem: changes by hand are found and reported.
# Starts database node dc1-platform-db1 of cluster lab-dc1.
set -u
none=00000000-0000-0000-0000-000000000000:-1

say() { echo "tandem: $*" >&2; }

# What the health page shows until the agent writes it: it stays true, so it has no time.
page() {
  [ "$(sed -n 2p /run/database/page 2>/dev/null)" != "$*" ] || return 0
  say "$*"
  printf -- '-\n%s\n%s\n\n' "$*" "$*" > /run/database/page
}

# Where the data end, as the storage engine knows it: after a crash the file beside it does not.
recover() {
  position=$none
  [ ! -e /var/lib/mysql/.making ] || rm -rf /var/lib/mysql/.making /var/lib/mysql/*
  [ -d /var/lib/mysql/mysql ] || return 0
  rm -f /run/database/recovery.log
  mysqld --defaults-file=/etc/tandem/database/my.cnf --log-error=/run/database/recovery.log --wsrep-recover >&2 ||
    { cat /run/database/recovery.log >&2; say "the position of the data in /var/lib/mysql can't be read"; exit 1; }
  position=$(sed -n 's/.*Recovered position:* *//p' /run/database/recovery.log | tail -n 1)
  # With what the flavor adds for the server alone.
  recovered=${position:-$none}
  position=${recovered%%,*}
}

# Asks all peers: who serves, how many have no data, how many wait with all data that they had, how many answer.
survey() {
  serving= empty=0 waiting=0 heard=0
  for address in 10.77.112.16 10.77.112.17; do
    answer=$(printf 'GET / HTTP/1.0\r\n\r\n' | timeout 4 socat -t4 - TCP:"$address":3380,connect-timeout=1 2>/dev/null | tr -d '\r')
    case $answer in
      *' 200 '*) serving=$address ;;
      *' 503 '*'has no data, had none while others served, and waits for a node that serves'*) empty=$((empty + 1)) waiting=$((waiting + 1)) ;;
      *' 503 '*'has no data'*) empty=$((empty + 1)) ;;
      *' 503 '*'waits for its peers'*) waiting=$((waiting + 1)) ;;
      *' 503 '*) ;;
      *) continue ;;
    esac
    heard=$((heard + 1))
  done
}

stopped_last() { grep -q '^safe_to_bootstrap: *1' /var/lib/mysql/grastate.dat 2>/dev/null; }

# Sets `how` to join, start or make, once that is known.
decide() {
  how=join
  begins=$(cat /etc/tandem/database/beginning 2>/dev/null)
  if [ "$position" = $none ]; then
    survey
    [ -z "$serving" ] || return 0
    how=make
    [ "$begins" = $none ] && [ $empty = 2 ] && return 0
    if [ -e /var/lib/mysql/grastate.dat ]; then page 'has no data, had none while others served, and waits for a node that serves'; else page 'has no data and waits for a node that serves'; fi
    return 1
  fi
  [ "$begins" != "$position" ] || { how=start; return 0; }
  survey
  if [ -n "$serving" ]; then
    # Before they have let its former self go, a node that is back would hold up their agreement, and pass for the writer that it may have been.
    sleep 2
    return 0
  fi
  [ "$chosen" != "$position" ] || [ $waiting -lt 2 ] || { how=start; return 0; }
  stopped_last || return 0
  how=start
  [ $((2 * (heard + 1))) -gt 3 ] && return 0
  page "was stopped last, with data until $position, and waits for a majority of its peers"
  return 1
}

make() {
  say 'makes the first data of cluster lab-dc1'
  # What a cut run leaves is no node's data.
  touch /var/lib/mysql/.making
  mysql_install_db --defaults-file=/etc/tandem/database/my.cnf --skip-test-db --auth-root-authentication-method=socket --auth-root-socket-user=root > /dev/null &&
  mysqld --defaults-file=/etc/tandem/database/my.cnf --bootstrap --wsrep-on=OFF < /etc/tandem/database/accounts.sql || { say 'the first data could not be made'; exit 1; }
  rm /var/lib/mysql/.making
}

# The role first: the others write before this node stops.
leave() {
  touch /run/database/leaving
  turns=0
  while [ ! -e /run/database/left ] && [ $turns -lt 50 ]; do sleep 0.2; turns=$((turns + 1)); done
  kill -TERM $server
}

rm -f /run/database/leaving /run/database/left
page 'looks for room on its disk'
while :; do
  socat TCP-LISTEN:3380,bind=10.77.112.15,reuseaddr,fork,max-children=20,setsockopt=1:20:x0a000000000000000000000000000000,setsockopt=1:21:x0a000000000000000000000000000000 EXEC:"sh /etc/tandem/database/health",nofork
  sleep 1
done &
trap 'exit 143' TERM
# More than what makes a node leave, or it would come and go.
until [ $(($(stat -f -c '%a*%S/1048576' /var/lib/mysql))) -ge 206 ]; do page 'waits until 206 MiB are free on its disk'; sleep 1; done
page 'reads the position of its data'
# What was found a while ago holds no longer.
chosen=$(find /var/lib/mysql/.latest -mmin -1 -exec cat {} + 2>/dev/null)
rm -f /var/lib/mysql/.latest
recover
until decide; do sleep 1; done
case $how in
  make) make; set -- --wsrep-new-cluster ;;
  start)
    say "starts the cluster from $position"
    # This is the decision that Galera asks for; after a crash the file says no.
    sed -i 's/^safe_to_bootstrap:.*/safe_to_bootstrap: 1/' /var/lib/mysql/grastate.dat
    set -- --wsrep-new-cluster ;;
  join) set -- ;;
esac
if [ "$position" = $none ]; then
  page 'waits for its first data'
else
  set -- "$@" --wsrep-start-position="$recovered"
  page "waits for its peers with data until $position. If one that may have later data is lost for good, begin with the latest that there are: npm run database -- begin <host>"
fi
mysqld --defaults-file=/etc/tandem/database/my.cnf "$@" &
server=$!
trap leave TERM
[ $how = join ] && [ "$position" != $none ] && waits=$position || waits=
bash /etc/tandem/database/agent $server $how $waits &
# A signal ends the first wait, not the server.
while :; do
  wait $server
  code=$?
  kill -0 $server 2>/dev/null || break
done
say "the server ended with code $code"
exit $code
