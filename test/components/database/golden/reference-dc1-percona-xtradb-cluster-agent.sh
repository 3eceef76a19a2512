#!/bin/bash
# Managed by Tandem: changes by hand are found and reported.
# Looks after database node dc1-platform-db1 of cluster reference-dc1 until the server ends.
set -u
name=dc1-platform-db1
server=$1
# How it was started: join, start or make. And where its data end, of one that waits for its peers with them.
how=$2
position=${3:-}
seen=0

# Hundredths of a second since the machine started.
clock() { read -r now rest < /proc/uptime; now=${now%.*}${now#*.}; }

clock
# When the server was last in the primary component, or somebody looked why not.
began=$now
# When it last served or was at work to get there, what it had committed then, and when somebody looked who goes on without it.
alive=$now had= judged=0
# When this agent looked last.
last=$now
# When somebody looked for room on the disk, and what is wrong with it.
roomed=0 full=
# Whether this agent took the role, whether kine's inserts take turns here, and how often it lets others go first.
took=
turns=
shy=0
members= holder=
# How often it was seen that all wait and none has later data than this node.
all_wait=0
tab=$(printf '\t')

# Four lines: when, why it is not healthy, why it is not the writer, who the cluster's members are.
page() {
  clock
  printf '%s\n%s\n%s\n%s\n' "$now" "$1" "$2" "$members" > /run/database/page
}

# Nobody ever writes there.
pause() { read -r -t 2 -u 5; }

# Reads a line of the session's. Nobody but the agent ends a server that hangs for good.
told() {
  local part unheard=0
  line=
  until IFS= read -r -t 5 part <&4; do
    [ $? -gt 128 ] || return 1
    line=$line$part unheard=$((unheard + 5))
    [ $unheard -lt 120 ] || { echo "tandem: ends the server: no word from it for $unheard s" >&2; kill -KILL "$server"; return 1; }
  done
  line=$line$part
}

# Asks the session; each answer goes to `answered`, and what a failed statement says ends the session.
ask() {
  printf '%s;\nSELECT "end of answer";\n' "$1" >&3 || return 1
  while told; do
    [ "$line" != 'end of answer' ] || return 0
    answered "$line"
  done
  return 1
}

status() {
  value=${1#*"$tab"}
  case ${1%%"$tab"*} in
    wsrep_cluster_status) component=$value ;;
    wsrep_last_committed) committed=$value ;;
    wsrep_local_recv_queue) queue=$value ;;
    wsrep_local_state) state=$value ;;
    wsrep_local_state_comment) comment=$value ;;
    wsrep_ready) ready=$value ;;
    wsrep_incoming_addresses) members=,$value ;;
    read_only) read_only=$value ;;
    desync) desync=$value ;;
  esac
}

role() { holder=${1%%"$tab"*}; term=${1#*"$tab"}; }

# Whether the holder of the role is a member of the primary component.
present() {
  case "$holder,$members," in
    dc1-platform-db1,*,10.20.12.15:*) ;;
    dc1-platform-db2,*,10.20.12.16:*) ;;
    dc1-platform-db3,*,10.20.12.17:*) ;;
    *) return 1 ;;
  esac
}

look() {
  component= queue= state= comment= ready= read_only= desync= committed= holder= term= members=
  answered() { status "$1"; }
  ask "SHOW GLOBAL STATUS WHERE Variable_name IN ('wsrep_cluster_status', 'wsrep_incoming_addresses', 'wsrep_last_committed', 'wsrep_local_recv_queue', 'wsrep_local_state', 'wsrep_local_state_comment', 'wsrep_ready');
SELECT 'read_only', IF(@@GLOBAL.read_only, 'ON', 'OFF') UNION ALL SELECT 'desync', IF(@@GLOBAL.wsrep_desync, 'ON', 'OFF')" || return 1
  ! at_work || alive=$now
  reason=
  if [ "$component" != Primary ]; then reason="not in the primary component: $component" members=
  elif [ "$ready" != ON ]; then reason='not ready'
  elif [ "$state" = 2 ]; then reason='gives its data to another node'
  elif [ "$state" != 4 ]; then reason="not synced: $comment"
  else room; reason=$full
  fi
  case "$component $ready $state" in
    'Primary ON 4' | 'Primary ON 2') ;;
    *)
      # What it knows of the role may be from before the others went on.
      seen=0
      close_for_writing && page "$reason" "$reason" || return 1
      [ ! -e /run/database/leaving ] || touch /run/database/left
      # One that takes in what it missed is a member, however long that lasts.
      if [ "$component" = Primary ]; then began=$now; elif waits_in_vain; then kill -KILL "$server"; fi
      return ;;
  esac
  answered() { role "$1"; }
  # After a pause this node may not know yet that the others went on without it: it asks the component, not its own copy. An answer that a pause held up
  # tells of the time before it.
  until
    clock
    asked=$now wait=0
    [ $((asked - seen)) -le 250 ] || wait=1
    ask "SET SESSION wsrep_sync_wait = $wait; SELECT node, term FROM tandem.writer" || return 1
    clock
    [ $((now - asked)) -le 250 ]
  do :; done
  seen=$now began=$now
  if [ "$holder" = $name ]; then hold; else leave_alone; fi
}

# A server whose disk is full waits in the middle of a write, and the whole cluster with it. Before that it leaves, as when it is stopped.
room() {
  clock
  [ $((now - roomed)) -gt 200 ] || return 0
  roomed=$now full=
  [ $(($(stat -f -c '%a*%S/1048576' /var/lib/mysql))) -lt 1024 ] || return 0
  full='less than 1024 MiB are free on its disk'
  [ ! -e /run/database/leaving ] || return 0
  ask_peers
  [ $((2 * healthy)) -gt 3 ] || return 0
  echo "tandem: leaves the cluster: $full" >&2
  kill -TERM $PPID
}

statement() { answered() { :; }; ask "$1"; }

close_for_writing() { [ "$read_only" = ON ] || statement 'SET GLOBAL read_only = ON'; }

# kine makes its table itself: until it is there, each look asks for it.
take_turns() {
  answered() { found=$1; }
  ask "SELECT (SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'kubernetes' AND TABLE_NAME = 'kine'), (SELECT COUNT(*) FROM information_schema.TRIGGERS WHERE EVENT_OBJECT_SCHEMA = 'kubernetes' AND EVENT_OBJECT_TABLE = 'kine')" || return 1
  case $found in
    "1${tab}1") turns=taken ;;
    "1${tab}0") statement "CREATE DEFINER = 'health-check'@'localhost' TRIGGER kubernetes.kine_in_turn BEFORE INSERT ON kubernetes.kine FOR EACH ROW SELECT id INTO @turn FROM tandem.turn WHERE id = 1 FOR UPDATE" ;;
  esac
}

hold() {
  if [ -e /run/database/leaving ]; then
    close_for_writing || return 1
    # Said before the role is free: whoever takes it never meets another one that calls itself the writer.
    page leaving leaving
    statement "UPDATE tandem.writer SET node = '', term = term + 1 WHERE node = '$name' AND term = $term"
    return
  fi
  # A server that died as the writer has given numbers to rows that nobody got: another one goes on without a hole.
  if [ -z "$took" ]; then
    shy=10
    page "$reason" 'was the writer before its restart'
    statement "UPDATE tandem.writer SET node = '', term = term + 1 WHERE node = '$name' AND term = $term"
    return
  fi
  [ -n "$turns" ] || take_turns || return 1
  [ "$read_only" = OFF ] || statement 'SET GLOBAL read_only = OFF' || return 1
  # Also while it gives its data to another node, or its disk is full and there is no majority without it.
  page "$reason" ''
}

leave_alone() {
  took= turns=
  close_for_writing || return 1
  [ ! -e /run/database/leaving ] || { page leaving leaving; touch /run/database/left; return; }
  page "$reason" "the writer is ${holder:-not chosen yet}"
  ! present && [ -z "$reason" ] && [ "$queue" = 0 ] || return 0
  [ $shy = 0 ] || { shy=$((shy - 1)); return 0; }
  echo "tandem: takes the writer's role, which ${holder:-nobody} held" >&2
  statement "UPDATE tandem.writer SET node = '$name', term = term + 1, since = NOW(3) WHERE term = $term" || return 1
  took=yes
  look
}

# Asks a peer's page: code and text.
peer() {
  printf 'GET %s HTTP/1.0\r\n\r\n' "$2" | timeout 4 socat -t4 - TCP:"$1":3380,connect-timeout=1 2>/dev/null |
    tr -d '\r' | sed -n '1s/^[^ ]* //p; $p'
}

# How many peers are healthy, how many do not answer, and which other one writes.
ask_peers() {
  healthy=0 silent=0 writes=
  for address in 10.20.12.16 10.20.12.17; do
    case $(peer $address /) in
      200*) healthy=$((healthy + 1)) ;;
      '') silent=$((silent + 1)) ;;
      *) case $(peer $address /writer) in 200*) writes=$address ;; esac ;;
    esac
  done
}

# A server outside of the primary component gives up on a peer that was down when it looked. When that one serves later, only a new start finds it.
# One that gets its data from a peer is a member.
waits_in_vain() {
  clock
  [ $((now - began)) -gt 3000 ] || return 1
  began=$now
  if is_latest; then all_wait=$((all_wait + 1)); else all_wait=0; fi
  if [ $all_wait = 2 ]; then
    echo "tandem: all wait in vain, and none has later data than $position" >&2
    echo "$position" > /var/lib/mysql/.latest
    return 0
  fi
  for address in 10.20.12.16 10.20.12.17; do
    case $(peer $address /members) in
      200*,10.20.12.15:*) return 1 ;;
      200*) return 0 ;;
    esac
  done
  return 1
}

# Galera finds those together again that died together. Where one had died before the others, all wait for ever: when nobody is missing and nobody has later
# data, this node begins. Of several with the same data, the first by name. Seen twice, so that Galera had its time since the last one came.
is_latest() {
  [ -n "$position" ] || return 1
  waits 10.20.12.16 && [ "$seqno" -le "${position##*:}" ] || return 1
  waits 10.20.12.17 && [ "$seqno" -le "${position##*:}" ] || return 1
}

# Whether a peer waits with data of the same history, or had none while others served; `seqno` is where they end.
waits() {
  seqno=$(peer "$1" /)
  case $seqno in
    *'has no data, had none while others served, and waits for a node that serves'*) seqno=-1; return ;;
    *"waits for its peers with data until ${position%:*}:"*) ;;
    *) return 1 ;;
  esac
  seqno=${seqno##*"until ${position%:*}:"}
  seqno=${seqno%%.*}
}

# Whether a program of the server's runs: it brings data, or takes them to another node.
transfers() {
  local stat line
  for stat in /proc/[0-9]*/stat; do
    read -r line 2>/dev/null < "$stat" || continue
    set -- ${line##*) }
    [ "$2" != "$server" ] || return 0
  done 2>/dev/null
  return 1
}

# Time in which this agent did not look, because its machine or its container paused, is not the server's.
leave_out_pause() {
  clock
  [ $((now - last)) -le 1000 ] || alive=$((alive + now - last))
  last=$now
}

# Whether the server serves, or does something to get there; a hand's word counts as well.
at_work() {
  leave_out_pause
  case "$component $ready $state" in
    'Primary ON 4') return ;;
    # Takes in what it missed.
    Primary*[13]) [ "$committed" = "$had" ] || { had=$committed; return; } ;;
  esac
  [ "$desync" = ON ] || transfers
}

# Whether the server has been of no use for long; asked once in a while, and then the peers are as well.
is_stuck() {
  [ $((now - alive)) -gt 12000 ] && [ $((now - judged)) -gt 3000 ] || return 1
  judged=$now
  [ ! -e /run/database/leaving ] && ask_peers
}

# Whether all peers answer, and neither they nor this node serve anybody.
nobody_serves() { [ "$healthy$silent$writes" = 00 ] && [ "$holder" != $name ]; }

# Galera leaves a donor a donor for good whose receiver died while it was cut off (https://github.com/codership/galera/issues/580), and members apart whose last
# component had one in it that died without data (https://github.com/codership/galera/issues/410). This server leaves in order where a majority goes on without it.
leave_if_stuck() {
  is_stuck || return 0
  if [ $((2 * healthy)) -gt 3 ]; then
    echo "tandem: leaves the cluster: $reason, and is not at work" >&2
    kill -TERM $PPID
  elif nobody_serves; then
    echo "tandem: ends the server: $reason, is not at work, and nobody serves" >&2
    kill -KILL "$server"
  fi
}

# One that has not answered yet has no data and waits for somebody's, or has come into a component in which nobody is left who could give it what it missed:
# Galera writes down each that it comes into.
joins_in_vain() {
  leave_out_pause
  [ $how = join ] && { [ -z "$position" ] || [ /var/lib/mysql/gvwstate.dat -nt /run/database/silence ]; } && ! transfers || { alive=$now; return 1; }
  is_stuck && nobody_serves && echo 'tandem: ends the server: it gets no data, and nobody serves' >&2
}

# A session that ended is seen when it is written to.
trap '' PIPE
rm -f /run/database/ask /run/database/told /run/database/silence
mkfifo -m 600 /run/database/ask /run/database/told /run/database/silence
exec 5<> /run/database/silence
while kill -0 "$server" 2>/dev/null; do
  mysql --no-defaults --protocol=socket --socket=/run/database/mysqld.sock --user=health-check --ssl-mode=VERIFY_CA --ssl-ca=/etc/tandem/database/authorities.pem \
    --ssl-cert=/etc/tandem/database/agent.pem --ssl-key=/etc/tandem/database/agent.pem --skip-column-names --batch --unbuffered < /run/database/ask > /run/database/told 2> /run/database/said &
  exec 3> /run/database/ask 4< /run/database/told
  looked=
  while look; do looked=yes; leave_if_stuck; pause; done
  exec 3>&- 4<&-
  wait $!
  if [ -n "$looked" ]; then
    page "the server does not answer: $(tail -n 1 /run/database/said)" 'the server does not answer'
  # Until its first answer the server waits for its peers, and the page says so. It hears no other signal then.
  elif [ -n "$position" ] && [ "$(cat /etc/tandem/database/beginning 2>/dev/null)" = "$position" ] || waits_in_vain || joins_in_vain; then
    kill -KILL "$server"
  fi
  pause
done
