import type { Host } from "../../environments/model/topology.ts";
import { managed } from "../managed.render.ts";
import { roleSchema } from "./accounts.render.ts";
import { type DatabaseCluster, databasePaths, freeMib, spareMib } from "./cluster.render.ts";
import { renderPeers, stuckSeconds } from "./peers.render.ts";
import { takeTurns, turnsTaken } from "./turns.render.ts";

const { agentPem, authorities, beginning, runtime, socket } = databasePaths;

/** How long one read from the session waits: what a paused container did not get to hear counts once. */
const readSeconds = 5;

/** How often an agent looks how much room there is. */
const roomSeconds = 2;

/** How long an agent may not have looked before what its server says is in doubt. */
const pauseCentiseconds = ({ timings }: DatabaseCluster): number => Math.ceil(timings.galeraSuspectSeconds * 50);

/**
 * A node's agent, beside its server: in one session it looks how the node is, writes that for the health page, and sees to the writer's role.
 *
 * It looks several times a second, so a look that finds all well starts no other program.
 *
 * The role is a row of the database itself, so only the primary component can give it away: the first healthy member that finds its holder
 * gone takes it by a write that the cluster certifies. All nodes are read-only but the holder; a node that comes back finds another one there
 * and leaves it alone. The holder gives the role back before it is stopped.
 */
export function renderAgent(cluster: DatabaseCluster, member: Host): string {
  const verify = cluster.flavor === "percona-xtradb-cluster" ? "--ssl-mode=VERIFY_CA " : "";
  return `#!/bin/bash
# ${managed}
# Looks after database node ${member.name} of cluster ${cluster.name} until the server ends.
set -u
name=${member.name}
server=$1
# How it was started: join, start or make. And where its data end, of one that waits for its peers with them.
how=$2
position=\${3:-}
seen=0

# Hundredths of a second since the machine started.
clock() { read -r now rest < /proc/uptime; now=\${now%.*}\${now#*.}; }

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
tab=$(printf '\\t')

# Four lines: when, why it is not healthy, why it is not the writer, who the cluster's members are.
page() {
  clock
  printf '%s\\n%s\\n%s\\n%s\\n' "$now" "$1" "$2" "$members" > ${runtime}/page
}

# Nobody ever writes there.
pause() { read -r -t ${cluster.timings.healthFastIntervalMs / 1000} -u 5; }

# Reads a line of the session's. Nobody but the agent ends a server that hangs for good.
told() {
  local part unheard=0
  line=
  until IFS= read -r -t ${readSeconds} part <&4; do
    [ $? -gt 128 ] || return 1
    line=$line$part unheard=$((unheard + ${readSeconds}))
    [ $unheard -lt ${stuckSeconds(cluster)} ] || { echo "tandem: ends the server: no word from it for $unheard s" >&2; kill -KILL "$server"; return 1; }
  done
  line=$line$part
}

# Asks the session; each answer goes to \`answered\`, and what a failed statement says ends the session.
ask() {
  printf '%s;\\nSELECT "end of answer";\\n' "$1" >&3 || return 1
  while told; do
    [ "$line" != 'end of answer' ] || return 0
    answered "$line"
  done
  return 1
}

status() {
  value=\${1#*"$tab"}
  case \${1%%"$tab"*} in
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

role() { holder=\${1%%"$tab"*}; term=\${1#*"$tab"}; }

# Whether the holder of the role is a member of the primary component.
present() {
  case "$holder,$members," in
${cluster.members.map(({ name, addresses }) => `    ${name},*,${addresses.storage}:*) ;;`).join("\n")}
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
      [ ! -e ${runtime}/leaving ] || touch ${runtime}/left
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
    [ $((asked - seen)) -le ${pauseCentiseconds(cluster)} ] || wait=1
    ask "SET SESSION wsrep_sync_wait = $wait; SELECT node, term FROM ${roleSchema}.writer" || return 1
    clock
    [ $((now - asked)) -le ${pauseCentiseconds(cluster)} ]
  do :; done
  seen=$now began=$now
  if [ "$holder" = $name ]; then hold; else leave_alone; fi
}

# A server whose disk is full waits in the middle of a write, and the whole cluster with it. Before that it leaves, as when it is stopped.
room() {
  clock
  [ $((now - roomed)) -gt ${roomSeconds * 100} ] || return 0
  roomed=$now full=
  [ ${freeMib} -lt ${spareMib(cluster)} ] || return 0
  full='less than ${spareMib(cluster)} MiB are free on its disk'
  [ ! -e ${runtime}/leaving ] || return 0
  ask_peers
  [ $((2 * healthy)) -gt ${cluster.members.length} ] || return 0
  echo "tandem: leaves the cluster: $full" >&2
  kill -TERM $PPID
}

statement() { answered() { :; }; ask "$1"; }

close_for_writing() { [ "$read_only" = ON ] || statement 'SET GLOBAL read_only = ON'; }

# kine makes its table itself: until it is there, each look asks for it.
take_turns() {
  answered() { found=$1; }
  ask "${turnsTaken}" || return 1
  case $found in
    "1\${tab}1") turns=taken ;;
    "1\${tab}0") statement "${takeTurns()}" ;;
  esac
}

hold() {
  if [ -e ${runtime}/leaving ]; then
    close_for_writing || return 1
    # Said before the role is free: whoever takes it never meets another one that calls itself the writer.
    page leaving leaving
    statement "UPDATE ${roleSchema}.writer SET node = '', term = term + 1 WHERE node = '$name' AND term = $term"
    return
  fi
  # A server that died as the writer has given numbers to rows that nobody got: another one goes on without a hole.
  if [ -z "$took" ]; then
    shy=10
    page "$reason" 'was the writer before its restart'
    statement "UPDATE ${roleSchema}.writer SET node = '', term = term + 1 WHERE node = '$name' AND term = $term"
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
  [ ! -e ${runtime}/leaving ] || { page leaving leaving; touch ${runtime}/left; return; }
  page "$reason" "the writer is \${holder:-not chosen yet}"
  ! present && [ -z "$reason" ] && [ "$queue" = 0 ] || return 0
  [ $shy = 0 ] || { shy=$((shy - 1)); return 0; }
  echo "tandem: takes the writer's role, which \${holder:-nobody} held" >&2
  statement "UPDATE ${roleSchema}.writer SET node = '$name', term = term + 1, since = NOW(3) WHERE term = $term" || return 1
  took=yes
  look
}

${renderPeers(cluster, member)}
# A session that ended is seen when it is written to.
trap '' PIPE
rm -f ${runtime}/ask ${runtime}/told ${runtime}/silence
mkfifo -m 600 ${runtime}/ask ${runtime}/told ${runtime}/silence
exec 5<> ${runtime}/silence
while kill -0 "$server" 2>/dev/null; do
  mysql --no-defaults --protocol=socket --socket=${socket} --user=health-check ${verify}--ssl-ca=${authorities} \\
    --ssl-cert=${agentPem} --ssl-key=${agentPem} --skip-column-names --batch --unbuffered < ${runtime}/ask > ${runtime}/told 2> ${runtime}/said &
  exec 3> ${runtime}/ask 4< ${runtime}/told
  looked=
  while look; do looked=yes; leave_if_stuck; pause; done
  exec 3>&- 4<&-
  wait $!
  if [ -n "$looked" ]; then
    page "the server does not answer: $(tail -n 1 ${runtime}/said)" 'the server does not answer'
  # Until its first answer the server waits for its peers, and the page says so. It hears no other signal then.
  elif [ -n "$position" ] && [ "$(cat ${beginning} 2>/dev/null)" = "$position" ] || waits_in_vain || joins_in_vain; then
    kill -KILL "$server"
  fi
  pause
done
`;
}
