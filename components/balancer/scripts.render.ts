import { balancerPorts } from "../../environments/model/ports.ts";
import { serviceAccount } from "../../environments/model/service-account.ts";
import { managed } from "../managed.render.ts";
import { balancerDirectory, balancerPaths, eventsDescriptor } from "./balancer.render.ts";

// A container's parser is not on its host, and its memory is not to be seen from there. So they talk through two pipes in the configuration
// directory, which a container can write to though it may not change a file there: the host asks by the name of a pipe for the answer.

const { runtime, health } = balancerPaths;

/** Answers requests to reload: `check` and `take_up` are the service's own, `files` what it reads. */
const requestHandling = (
  service: "haproxy" | "keepalived",
  files: string,
): string => `requests=${balancerDirectory}/${service}.requests
# Open at both ends, so that it stays open when nobody asks.
until [ -p "$requests" ]; do sleep 1; done
exec 3<> "$requests"

content() { cat ${files} 2>/dev/null | cksum; }
reload() {
  [ "$(content)" = "$(cat ${runtime}/loaded)" ] && { echo unchanged; return; }
  check > ${runtime}/said 2>&1 || { echo refused; cat ${runtime}/said; return; }
  content > ${runtime}/loaded
  take_up
  echo reloaded
}
# The host may have gone away meanwhile: nobody waits for it longer than this.
answer() {
  case $1 in ${balancerDirectory}/answer-*) reload | timeout 10 sh -c 'cat > "$0"' "$1" ;; esac
}`;

/**
 * The command of HAProxy's container. HAProxy does not become its main process: a master whose worker died waits for all its children before it
 * ends, and who answers requests would be one.
 */
export const renderStartHaproxy = (): string => `set -u
check() { haproxy -c -f ${balancerDirectory}; }
workers() {
  for stat in /proc/[0-9]*/stat; do
    read -r pid name state parent rest < "$stat" && [ "$parent" = "$master" ] && [ "$name" = '(haproxy)' ] && echo "$pid"
  done 2>/dev/null
}
# The master starts a new worker, and those before keep the connections that they have.
take_up() {
  workers > ${runtime}/replaced
  kill -USR2 "$master"
}
end_replaced() {
  for pid in $(workers); do
    grep -qx "$pid" ${runtime}/replaced && kill -TERM "$pid"
  done
}
${requestHandling("haproxy", `${balancerDirectory}/*.cfg ${balancerDirectory}/*.pem ${balancerDirectory}/*.crt`)}
content > ${runtime}/loaded
: > ${runtime}/replaced
mkfifo ${runtime}/events
haproxy -W -f ${balancerDirectory} 3<&- ${eventsDescriptor}<> ${runtime}/events &
master=$!
trap 'kill -TERM "$master"' TERM INT
while read -r request <&3; do answer "$request"; done &
# Opened twice: HAProxy makes its own end one that never waits.
while read -r event; do
  case $event in 'Server '*' is UP'*) end_replaced ;; esac
done <> ${runtime}/events &
# A signal ends the first wait, not HAProxy.
while :; do
  wait "$master"
  code=$?
  kill -0 "$master" 2>/dev/null || exit $code
done
`;

/** The command of keepalived's container: runs keepalived and tells it how this host's HAProxy is. bash, because it connects by itself. */
export const renderStartKeepalived = (): string => `set -u
check() { keepalived --config-test --use-file=${balancerPaths.keepalived}; }
take_up() { kill -HUP "$keepalived"; }
${requestHandling("keepalived", `${balancerDirectory}/*.conf`)}
setting() { sed -n "s/^# watch-$1 //p" ${balancerPaths.keepalived}; }
settings() { every=$(setting every-seconds) patience=$(setting answer-seconds) fall=$(setting fall); }

# HAProxy's own page, on the loopback interface that the host's services share.
haproxy_answers() {
  { printf 'GET / HTTP/1.0\\r\\n\\r\\n' >&4 && read -r -t "$patience" -u 4 protocol code rest && [ "$code" = 200 ]; } \\
    2>/dev/null 4<> /dev/tcp/127.0.0.1/${balancerPorts.health}
}

trap '' PIPE
settings
content > ${runtime}/loaded
# No VIP comes to this host before its HAProxy has answered.
echo 1 > ${health}
keepalived --dont-fork --log-console --log-detail --vrrp --use-file=${balancerPaths.keepalived} \\
  --pid=${runtime}/keepalived.pid --vrrp_pid=${runtime}/vrrp.pid 3<&- &
keepalived=$!
trap 'kill -TERM "$keepalived"' TERM INT

failures=0 told=1 request=
while kill -0 "$keepalived" 2>/dev/null; do
  # What was read of a line before the time was over stays for the next round.
  part=
  if read -r -t "$every" -u 3 part; then answer "$request$part" & request= && settings; else request=$request$part; fi
  if haproxy_answers; then failures=0 now=0; else failures=$((failures + 1)) now=$told; fi
  [ "$failures" -lt "$fall" ] || now=1
  [ "$now" = "$told" ] || { echo "$now" > ${health}; told=$now; }
done
`;

/**
 * Makes a service of this host take up what was written, and fails with its parser's message when it does not: what it had read before stays
 * in force. Where the service does not run, it reads everything at its start.
 */
export const renderReload = (): string => `#!/bin/sh
# ${managed}
# reload haproxy | reload keepalived
set -eu
service=$1
requests=${balancerDirectory}/$service.requests
answer=${balancerDirectory}/answer-$service
worker() { curl --silent --max-time 2 http://127.0.0.1:${balancerPorts.health}/ || true; }

exec 9> "/run/lock/tandem-balancer-$service"
flock --timeout 120 9
rm -f "$answer"
for pipe in "$requests" "$answer"; do
  [ -p "$pipe" ] || mkfifo "$pipe"
  chown root:${serviceAccount.name} "$pipe"
  chmod 0660 "$pipe"
done

before=$(worker)
if ! echo "$answer" | dd of="$requests" oflag=nonblock conv=nocreat,notrunc status=none 2>/dev/null; then
  pgrep -x "$service" > /dev/null || exit 0
  echo "$service runs but takes no requests: restart its container" >&2
  exit 1
fi
said=$(timeout 30 cat "$answer") || { echo "$service did not answer within 30 s whether it takes up its configuration" >&2; exit 1; }
case $said in
  unchanged) exit 0 ;;
  reloaded) ;;
  *) printf '%s\\n' "$said" >&2; exit 1 ;;
esac
[ "$service" = haproxy ] || exit 0
tries=0
while now=$(worker); [ -z "$now" ] || [ "$now" = "$before" ]; do
  tries=$((tries + 1))
  [ "$tries" -lt 100 ] || { echo "haproxy serves with its old configuration: its log says why" >&2; exit 1; }
  sleep 0.1
done
`;

/** Prints which service of a host does not serve within a time in seconds, and nothing when both do. */
export const renderServes = (seconds: number): string => `serves() {
  missing=haproxy
  curl --silent --fail --max-time 1 --output /dev/null http://127.0.0.1:${balancerPorts.health}/ || return
  missing=keepalived
  pgrep -x keepalived > /dev/null
}
tries=0
until serves; do
  tries=$((tries + 1))
  [ "$tries" -lt ${seconds} ] || { echo "$missing"; exit 0; }
  sleep 1
done
`;
