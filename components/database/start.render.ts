import { databasePorts } from "../../environments/model/ports.ts";
import type { Host } from "../../environments/model/topology.ts";
import { managed } from "../managed.render.ts";
import { initialiseCommands } from "./accounts.render.ts";
import { type DatabaseCluster, databasePaths, freeMib, noPosition, spareMib, waitsToBeFilled } from "./cluster.render.ts";
import { serveHealth } from "./health.render.ts";

const { agent, beginning, data, latest, runtime, serverConfiguration } = databasePaths;

/** How long the others may take to agree that a node which died is gone. */
const forgottenSeconds = ({ timings }: DatabaseCluster): number => Math.ceil(2 * timings.galeraSuspectSeconds);

/** How long the writer's role may take to move away from a node that is being stopped. */
export const leaveSeconds = 10;

/**
 * The command of a node's container. It reads where the node's data end and joins its peers with them; after a power failure of all, Galera
 * itself finds the members of the last primary component and goes on from the latest data. It starts a cluster in four cases only: these
 * data were stopped last and in order (Galera's mark), a person has written their position into `beginning`, all nodes waited in vain and none has
 * later data (`latest`, which the agent writes), or the cluster is being made: the first file says so, and none of the nodes has any data.
 */
export function renderStart(cluster: DatabaseCluster, member: Host): string {
  const peers = cluster.members.filter(({ name }) => name !== member.name);
  return `#!/bin/sh
# ${managed}
# Starts database node ${member.name} of cluster ${cluster.name}.
set -u
none=${noPosition}

say() { echo "tandem: $*" >&2; }

# What the health page shows until the agent writes it: it stays true, so it has no time.
page() {
  [ "$(sed -n 2p ${runtime}/page 2>/dev/null)" != "$*" ] || return 0
  say "$*"
  printf -- '-\\n%s\\n%s\\n\\n' "$*" "$*" > ${runtime}/page
}

# Where the data end, as the storage engine knows it: after a crash the file beside it does not.
recover() {
  position=$none
  [ ! -e ${data}/.making ] || rm -rf ${data}/.making ${data}/*
  [ -d ${data}/mysql ] || return 0
  rm -f ${runtime}/recovery.log
  mysqld --defaults-file=${serverConfiguration} --log-error=${runtime}/recovery.log --wsrep-recover >&2 ||
    { cat ${runtime}/recovery.log >&2; say "the position of the data in ${data} can't be read"; exit 1; }
  position=$(sed -n 's/.*Recovered position:* *//p' ${runtime}/recovery.log | tail -n 1)
  # With what the flavor adds for the server alone.
  recovered=\${position:-$none}
  position=\${recovered%%,*}
}

# Asks all peers: who serves, how many have no data, how many wait with all data that they had, how many answer.
survey() {
  serving= empty=0 waiting=0 heard=0
  for address in ${peers.map(({ addresses }) => addresses.storage).join(" ")}; do
    answer=$(printf 'GET / HTTP/1.0\\r\\n\\r\\n' | timeout 4 socat -t4 - TCP:"$address":${databasePorts.health},connect-timeout=1 2>/dev/null | tr -d '\\r')
    case $answer in
      *' 200 '*) serving=$address ;;
      *' 503 '*'${waitsToBeFilled}'*) empty=$((empty + 1)) waiting=$((waiting + 1)) ;;
      *' 503 '*'has no data'*) empty=$((empty + 1)) ;;
      *' 503 '*'waits for its peers'*) waiting=$((waiting + 1)) ;;
      *' 503 '*) ;;
      *) continue ;;
    esac
    heard=$((heard + 1))
  done
}

stopped_last() { grep -q '^safe_to_bootstrap: *1' ${data}/grastate.dat 2>/dev/null; }

# Sets \`how\` to join, start or make, once that is known.
decide() {
  how=join
  begins=$(cat ${beginning} 2>/dev/null)
  if [ "$position" = $none ]; then
    survey
    [ -z "$serving" ] || return 0
    how=make
    [ "$begins" = $none ] && [ $empty = ${peers.length} ] && return 0
    if [ -e ${data}/grastate.dat ]; then page '${waitsToBeFilled}'; else page 'has no data and waits for a node that serves'; fi
    return 1
  fi
  [ "$begins" != "$position" ] || { how=start; return 0; }
  survey
  if [ -n "$serving" ]; then
    # Before they have let its former self go, a node that is back would hold up their agreement, and pass for the writer that it may have been.
    sleep ${forgottenSeconds(cluster)}
    return 0
  fi
  [ "$chosen" != "$position" ] || [ $waiting -lt ${peers.length} ] || { how=start; return 0; }
  stopped_last || return 0
  how=start
  [ $((2 * (heard + 1))) -gt ${cluster.members.length} ] && return 0
  page "was stopped last, with data until $position, and waits for a majority of its peers"
  return 1
}

make() {
  say 'makes the first data of cluster ${cluster.name}'
  # What a cut run leaves is no node's data.
  touch ${data}/.making
  ${initialiseCommands[cluster.flavor]} || { say 'the first data could not be made'; exit 1; }
  rm ${data}/.making
}

# The role first: the others write before this node stops.
leave() {
  touch ${runtime}/leaving
  turns=0
  while [ ! -e ${runtime}/left ] && [ $turns -lt ${leaveSeconds * 5} ]; do sleep 0.2; turns=$((turns + 1)); done
  kill -TERM $server
}

rm -f ${runtime}/leaving ${runtime}/left
page 'looks for room on its disk'
${serveHealth(member.addresses.storage)} &
trap 'exit 143' TERM
# More than what makes a node leave, or it would come and go.
until [ ${freeMib} -ge ${2 * spareMib(cluster)} ]; do page 'waits until ${2 * spareMib(cluster)} MiB are free on its disk'; sleep 1; done
page 'reads the position of its data'
# What was found a while ago holds no longer.
chosen=$(find ${latest} -mmin -1 -exec cat {} + 2>/dev/null)
rm -f ${latest}
recover
until decide; do sleep 1; done
case $how in
  make) make; set -- --wsrep-new-cluster ;;
  start)
    say "starts the cluster from $position"
    # This is the decision that Galera asks for; after a crash the file says no.
    sed -i 's/^safe_to_bootstrap:.*/safe_to_bootstrap: 1/' ${data}/grastate.dat
    set -- --wsrep-new-cluster ;;
  join) set -- ;;
esac
if [ "$position" = $none ]; then
  page 'waits for its first data'
else
  set -- "$@" --wsrep-start-position="$recovered"
  page "waits for its peers with data until $position. If one that may have later data is lost for good, begin with the latest that there are: npm run database -- begin <host>"
fi
mysqld --defaults-file=${serverConfiguration} "$@" &
server=$!
trap leave TERM
[ $how = join ] && [ "$position" != $none ] && waits=$position || waits=
bash ${agent} $server $how $waits &
# A signal ends the first wait, not the server.
while :; do
  wait $server
  code=$?
  kill -0 $server 2>/dev/null || break
done
say "the server ended with code $code"
exit $code
`;
}
