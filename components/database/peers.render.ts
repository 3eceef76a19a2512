import { databasePorts } from "../../environments/model/ports.ts";
import type { Host } from "../../environments/model/topology.ts";
import { type DatabaseCluster, databasePaths, waitsToBeFilled } from "./cluster.render.ts";

const { latest, runtime, view } = databasePaths;

/** How long a server may be outside of its cluster before somebody looks whether its peers go on without it: longer than joining takes. */
const vainSeconds = ({ timings }: DatabaseCluster): number => Math.max(10, 2 * timings.galeraInactiveSeconds);

/** How long a server that serves nobody may show no sign of work: longer than any step of a transfer between two programs. */
export const stuckSeconds = ({ timings }: DatabaseCluster): number => Math.max(60, 8 * timings.galeraInactiveSeconds);

/** An agent looks every four seconds at least (mode `safe`): one that has not looked for longer was paused, or asked somebody who hung. */
const pauseSeconds = 10;

/**
 * The part of a node's agent that asks the peers' pages, and by them ends a server that would wait for ever. A new start is what helps in each case: Galera
 * then transfers data again, or the node waits with data whose end is known.
 */
export function renderPeers(cluster: DatabaseCluster, member: Host): string {
  const peers = cluster.members.filter(({ name }) => name !== member.name);
  const addresses = peers.map((peer) => peer.addresses.storage).join(" ");
  const hundredths = (seconds: number): number => Math.round(seconds * 100);
  return `# Asks a peer's page: code and text.
peer() {
  printf 'GET %s HTTP/1.0\\r\\n\\r\\n' "$2" | timeout 4 socat -t4 - TCP:"$1":${databasePorts.health},connect-timeout=1 2>/dev/null |
    tr -d '\\r' | sed -n '1s/^[^ ]* //p; $p'
}

# How many peers are healthy, how many do not answer, and which other one writes.
ask_peers() {
  healthy=0 silent=0 writes=
  for address in ${addresses}; do
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
  [ $((now - began)) -gt ${hundredths(vainSeconds(cluster))} ] || return 1
  began=$now
  if is_latest; then all_wait=$((all_wait + 1)); else all_wait=0; fi
  if [ $all_wait = 2 ]; then
    echo "tandem: all wait in vain, and none has later data than $position" >&2
    echo "$position" > ${latest}
    return 0
  fi
  for address in ${addresses}; do
    case $(peer $address /members) in
      200*,${member.addresses.storage}:*) return 1 ;;
      200*) return 0 ;;
    esac
  done
  return 1
}

# Galera finds those together again that died together. Where one had died before the others, all wait for ever: when nobody is missing and nobody has later
# data, this node begins. Of several with the same data, the first by name. Seen twice, so that Galera had its time since the last one came.
is_latest() {
  [ -n "$position" ] || return 1
${peers.map(({ name, addresses: { storage } }) => `  waits ${storage} && [ "$seqno" ${name < member.name ? "-lt" : "-le"} "\${position##*:}" ] || return 1`).join("\n")}
}

# Whether a peer waits with data of the same history, or had none while others served; \`seqno\` is where they end.
waits() {
  seqno=$(peer "$1" /)
  case $seqno in
    *'${waitsToBeFilled}'*) seqno=-1; return ;;
    *"waits for its peers with data until \${position%:*}:"*) ;;
    *) return 1 ;;
  esac
  seqno=\${seqno##*"until \${position%:*}:"}
  seqno=\${seqno%%.*}
}

# Whether a program of the server's runs: it brings data, or takes them to another node.
transfers() {
  local stat line
  for stat in /proc/[0-9]*/stat; do
    read -r line 2>/dev/null < "$stat" || continue
    set -- \${line##*) }
    [ "$2" != "$server" ] || return 0
  done 2>/dev/null
  return 1
}

# Time in which this agent did not look, because its machine or its container paused, is not the server's.
leave_out_pause() {
  clock
  [ $((now - last)) -le ${hundredths(pauseSeconds)} ] || alive=$((alive + now - last))
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
  [ $((now - alive)) -gt ${hundredths(stuckSeconds(cluster))} ] && [ $((now - judged)) -gt ${hundredths(vainSeconds(cluster))} ] || return 1
  judged=$now
  [ ! -e ${runtime}/leaving ] && ask_peers
}

# Whether all peers answer, and neither they nor this node serve anybody.
nobody_serves() { [ "$healthy$silent$writes" = 00 ] && [ "$holder" != $name ]; }

# Galera leaves a donor a donor for good whose receiver died while it was cut off (https://github.com/codership/galera/issues/580), and members apart whose last
# component had one in it that died without data (https://github.com/codership/galera/issues/410). This server leaves in order where a majority goes on without it.
leave_if_stuck() {
  is_stuck || return 0
  if [ $((2 * healthy)) -gt ${cluster.members.length} ]; then
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
  [ $how = join ] && { [ -z "$position" ] || [ ${view} -nt ${runtime}/silence ]; } && ! transfers || { alive=$now; return 1; }
  is_stuck && nobody_serves && echo 'tandem: ends the server: it gets no data, and nobody serves' >&2
}
`;
}
