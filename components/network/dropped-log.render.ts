import { managed } from "../managed.render.ts";
import { gatewayPaths } from "./gateway-keepalived.render.ts";
import { droppedLogGroup } from "./nftables.render.ts";

/** Where a gateway's log of dropped packets is: today's in plain text, each day before it packed. */
export const droppedLogDirectory = "/var/log/tandem-gateway";

/** Takes what the rules log from the kernel and writes a line about each packet. */
export const renderDroppedLog = (): string => `# ${managed}
[global]
logfile="/dev/stderr"
loglevel=5
stack=rules:NFLOG,base:BASE,interfaces:IFINDEX,addresses:IP2STR,text:PRINTPKT,file:LOGEMU

[rules]
group=${droppedLogGroup}

[file]
file="${droppedLogDirectory}/dropped.log"
sync=1
`;

/** The command of its container: a file a day, of which those are kept that are young enough. Days are UTC's. */
export const renderStartDroppedLog = (keepDays: number): string => `set -u
cd ${droppedLogDirectory} || exit 1
day() { date -u "$@" +%F; }
# One more part of a packed file is the same file continued: nothing is lost where this is cut.
pack() {
  gzip -c rotated >> "dropped-$(day -r rotated).log.gz" && rm rotated
  find . -name 'dropped-*.log.gz' -mtime +${keepDays} -delete
}
[ ! -e rotated ] || pack
if [ -e dropped.log ] && [ "$(day -r dropped.log)" != "$(day)" ]; then mv dropped.log rotated && pack; fi
ulogd --configfile ${gatewayPaths.droppedLog} &
ulogd=$!
trap 'kill -TERM "$ulogd"' TERM INT
today=$(day)
while kill -0 "$ulogd" 2>/dev/null; do
  sleep 30 &
  wait $!
  [ "$(day)" != "$today" ] || continue
  today=$(day)
  mv dropped.log rotated && kill -HUP "$ulogd" && pack
done
wait "$ulogd"
`;
