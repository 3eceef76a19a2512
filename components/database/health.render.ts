import { databasePorts } from "../../environments/model/ports.ts";
import { managed } from "../managed.render.ts";
import { type DatabaseCluster, databasePaths } from "./cluster.render.ts";

/** How long a node's word about itself counts: as long as its peers believe in it without hearing from it. */
const validCentiseconds = ({ timings }: DatabaseCluster): number => Math.ceil(timings.galeraSuspectSeconds * 100);

/**
 * A node's health page: what socat runs for each connection, so that it needs no server of its own and no language that an image lacks. It
 * answers with what the node's agent wrote last, in four lines: when (hundredths of a second since the machine started; "-" for a word that
 * stays true), why the node is not healthy, why it is not the writer, and the members of its component. 200 where there is no reason, 503 and
 * the reason otherwise. A writer that gives its data to another node is not healthy, and goes on writing: nobody else could.
 */
export function renderHealth(cluster: DatabaseCluster): string {
  return `#!/bin/sh
# ${managed}
# Answers one HTTP request on standard input: GET / for the node's health, GET /writer for whether clients may write here,
# GET /members for who is in the primary component with it.
read -r method path protocol || exit 0
while read -r header && [ "\${#header}" -gt 1 ]; do :; done
# Who writes the page does it in place: one that finds it empty looks again.
tries=0
until { read -r written && read -r reason && read -r writer && read -r members; } 2>/dev/null < ${databasePaths.runtime}/page; do
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
  now=\${now%.*}\${now#*.}
  [ $((now - written)) -le ${validCentiseconds(cluster)} ] || reason="no word from the server for $(((now - written) / 100)) s"
fi
code='503 Service Unavailable'
[ -n "$reason" ] || { code='200 OK'; reason=$good; }
printf 'HTTP/1.1 %s\\r\\nContent-Type: text/plain\\r\\nContent-Length: %s\\r\\nConnection: close\\r\\n\\r\\n%s\\n' "$code" $((\${#reason} + 1)) "$reason"
`;
}

/** A `timeval` of ten seconds, as a 64-bit kernel of little endian reads it: socat has no name for this option. */
const tenSeconds = "x0a000000000000000000000000000000";
/** SO_RCVTIMEO and SO_SNDTIMEO of SOL_SOCKET, socket(7). */
const timeLimits = `setsockopt=1:20:${tenSeconds},setsockopt=1:21:${tenSeconds}`;

/**
 * Serves the page on an address; one that ended is started again. A connection's process becomes the shell itself, since balancers ask several
 * times a second; a client that says nothing ends it by the limits of its socket.
 */
export const serveHealth = (address: string): string =>
  `while :; do
  socat TCP-LISTEN:${databasePorts.health},bind=${address},reuseaddr,fork,max-children=20,${timeLimits} EXEC:"sh ${databasePaths.health}",nofork
  sleep 1
done`;
