import { databasePorts } from "../../environments/model/ports.ts";
import type { Host } from "../../environments/model/topology.ts";
import { managed } from "../managed.render.ts";
import { type DatabaseCluster, databasePaths } from "./cluster.render.ts";

const { authorities, backupPem, backups, data, restore, runtime } = databasePaths;

/** Seconds between two copies of a node's binary logs: what is lost with all nodes of a site at once. */
export const copySeconds = 10;
/** Seconds until a full backup that failed twice is tried again. */
const retrySeconds = 900;

const tools: Readonly<Record<DatabaseCluster["flavor"], { readonly full: string; readonly verify: string }>> = {
  // https://docs.percona.com/percona-xtrabackup/8.0/create-full-backup.html
  "percona-xtradb-cluster": { full: "xtrabackup --no-defaults", verify: "--ssl-mode=VERIFY_IDENTITY" },
  // https://mariadb.com/docs/server/server-usage/backup-and-restore/mariadb-backup/full-backup-and-restore-with-mariadb-backup
  "mariadb-galera": { full: "mariabackup --no-defaults", verify: "--ssl-verify-server-cert" },
};

/**
 * What a node's backup container runs, beside the database with memory of its own. On every node it copies the binary logs, so that none is
 * missing when a node dies; the full backup is made by one node: the first by name that is healthy and not the writer, which each finds out
 * from the health pages alone. Two that both think so make two backups, which harms nothing. Below the site's backups:
 *
 *     full/<end>-<host>/         data.gz, its sum, what the tool says of it, manifest.json, verified.json
 *     binlogs/<host>/<life>/     the node's binary logs; a life ends when the node gets all data anew, and its numbers begin again
 *     problems/<host>            what went wrong last, until it goes well
 */
export function renderBackup(cluster: DatabaseCluster, member: Host): string {
  const { full, verify } = tools[cluster.flavor];
  const { fullEveryHours, keepDays } = cluster.backup;
  return `#!/bin/bash
# ${managed}
# Backups of database node ${member.name} of cluster ${cluster.name}: serve, full, pages, list.
set -uo pipefail
export TZ=UTC LC_ALL=C.UTF-8
name=${member.name}
site=${backups}
node=${data}
login=(--user=backup --host=${member.addresses.storage} --port=${databasePorts.clients} --ssl-ca=${authorities} --ssl-cert=${backupPem} --ssl-key=${backupPem} ${verify})

say() { echo "tandem: $*" >&2; }
stamp() { date -u +%Y%m%dT%H%M%SZ "$@"; }
seconds() { date -u -d "\${1:0:4}-\${1:4:2}-\${1:6:2} \${1:9:2}:\${1:11:2}:\${1:13:2}" +%s; }
json() { local text=\${1//\\\\/\\\\\\\\}; text=\${text//\\"/\\\\\\"}; printf '"%s"' "\${text//[[:cntrl:]]/ }"; }

ready() {
  mkdir -p "$site"/{full,binlogs,problems} && [ -w "$site/full" ] || { say "$site can't be written to"; return 1; }
}

# What went wrong goes where the other nodes, and people, see it.
attempt() {
  local what=$1 said
  shift
  if said=$("$@" 2> >(tee >(cat >&2) | tail -n 1)); then rm -f "$site/problems/$name-$what"; return; fi
  printf '%s\\t%s\\n' "$(stamp)" "\${said##*$'\\n'}" > "$site/problems/$name-$what"
  return 1
}

# Asks a node's health page: code and text.
ask() {
  local answer
  answer=$(printf 'GET %s HTTP/1.0\\r\\n\\r\\n' "$2" | timeout 4 socat -t4 - TCP:"$1":${databasePorts.health},connect-timeout=1 2> /dev/null | tr -d '\\r')
  [ -n "$answer" ] || { echo '0 its health page does not answer'; return; }
  answer=\${answer#* }
  echo "\${answer%% *} \${answer##*$'\\n'}"
}

# Each member: name, what its page says of its health, what it says of the writer's role.
pages() {
  local member address
  while read -r member address; do printf '%s\\t%s\\t%s\\n' "$member" "$(ask "$address" /)" "$(ask "$address" /writer)"; done << END
${cluster.members.map(({ name, addresses }) => `${name} ${addresses.storage}`).join("\n")}
END
}

# Who makes the full backup. The writer only when nobody else is healthy.
chosen() { pages | awk -F '\\t' '$2 ~ /^200/ { if ($3 !~ /^200/) { print $1; found = 1; exit } writer = $1 } END { if (!found) print writer }'; }

# Copies what the binary logs have more than their copies, up to the last whole transaction. The first 21 bytes say when and by whom a log was
# begun; the flags behind them change when it is closed.
copy() { (flock 8 && copy_logs) 8> ${runtime}/copying; }
copy_logs() {
  local life logs file size have kept now
  ready || return 1
  life=$(stat -c %i-%W "$node/ibdata1") || return 1
  kept=$site/binlogs/$name/$life
  now=$(date +%s)
  # The node first takes in what the others acknowledged until now.
  logs=$(mysql --no-defaults "\${login[@]}" --batch --skip-column-names --execute='SET SESSION wsrep_sync_wait = 1; SELECT 1; SHOW BINARY LOGS') && mkdir -p "$kept" || return 1
  while read -r file size _; do
    have=$(stat -c %s "$kept/$file" 2> /dev/null || echo 0)
    if [ "$have" -gt "$size" ] || { [ "$have" -gt 0 ] && ! cmp -s -n 21 "$node/$file" "$kept/$file"; }; then
      say "$kept/$file is not a copy of this node's $file; move it away"
      return 1
    fi
    [ "$have" = "$size" ] ||
      dd if="$node/$file" of="$kept/$file" bs=1M skip="$have" count=$((size - have)) iflag=skip_bytes,count_bytes oflag=append conv=notrunc,fsync status=none || return 1
  done <<< "\${logs#*$'\\n'}"
  echo "$now" > "$kept/until.new" && mv "$kept/until.new" "$kept/until"
}

# One after the other: a person may ask for one while the schedule makes one.
full() { (flock -n 7 || { say 'waits for the full backup that this node is making'; flock 7; }; make_full) 7> ${runtime}/full; }
make_full() {
  local part=$site/full/.$name began end gtid place found
  ready || return 1
  rm -rf "$part" && mkdir -p "$part" || return 1
  began=$(stamp)
  say "copies the data of $name"
  ${full} --backup "\${login[@]}" --datadir="$node" --galera-info --stream=xbstream --extra-lsndir="$part" --target-dir=${runtime} 2> "$part/log" | gzip -1 > "$part/data.gz" ||
    { say "the full backup failed: $({ grep -iE "error|fail|can't|denied" "$part/log" || cat "$part/log"; } | tail -n 1)"; return 1; }
  end=$(stamp)
  gtid=$(sed -n "s/.*GTID of the last change '\\([^']*\\)'.*/\\1/p" "$part/xtrabackup_info")
  (cd "$part" && sha256sum data.gz > sum && sync data.gz sum) || return 1
  printf '%s\\n' "$gtid" > "$part/gtid"
  printf '{"format":1,"cluster":%s,"host":%s,"flavor":%s,"began":"%s","end":"%s","bytes":%s,"sha256":"%s"}\\n' \\
    "$(json ${cluster.name})" "$(json "$name")" "$(json ${cluster.flavor})" "$began" "$end" "$(stat -c %s "$part/data.gz")" "$(cut -d ' ' -f 1 "$part/sum")" > "$part/manifest.json"
  place=$site/full/$end-$name
  mv "$part" "$place" && copy || return 1
  say "holds everything until $end in $(du -h "$place/data.gz" | cut -f 1); restores it to see whether it is sound"
  if found=$(bash ${restore} "$end-$name" end); then
    printf '{"sound":true,"at":"%s","found":%s}\\n' "$(stamp)" "$found" > "$place/verified.json"
  else
    printf '{"sound":false,"at":"%s"}\\n' "$(stamp)" > "$place/verified.json"
    say "$end-$name could not be restored"
    return 1
  fi
  prune
  list | grep -F "\\"$end-$name\\""
}

# What is older than keepDays goes, but for the backup that the oldest of these days begin with.
prune() {
  local limit old oldest
  limit=$(stamp -d '${keepDays} days ago')
  old=$(sound | awk -v limit="$limit" '$0 < limit' | tail -n 1)
  [ -n "$old" ] || return 0
  ls "$site/full" | awk -v old="$old" '$0 < old' | while read -r each; do rm -rf "$site/full/$each"; done
  oldest=$(seconds "$old")
  find "$site/binlogs" -type f ! -newermt "@$oldest" -delete
  find "$site/binlogs" -mindepth 1 -type d -empty -delete
}

sound() { for each in "$site"/full/2*; do grep -q '"sound":true' "$each/verified.json" 2> /dev/null && basename "$each"; done; }

# A full backup that a node is making, or restoring to see: the tool makes that node unhealthy for a moment, and another would begin too.
running() {
  [ -z "$(find "$site/full" -path '*/.*/*' -mmin -2 2> /dev/null)" ] || stamp
  find "$site/full" -maxdepth 1 -name '2*' -mmin -60 | while read -r each; do [ -e "$each/verified.json" ] || basename "$each"; done
}

# Lines of JSON: what there is.
list() {
  local each first
  for each in "$site"/full/2*; do
    [ ! -e "$each/manifest.json" ] || printf '{"full":"%s","manifest":%s,"verified":%s}\\n' "$(basename "$each")" "$(cat "$each/manifest.json")" "$(cat "$each/verified.json" 2> /dev/null || echo null)"
  done
  for each in "$site"/binlogs/*/*; do
    first=$(ls "$each" 2> /dev/null | grep '^binlog\\.[0-9]*$' | head -n 1)
    [ -z "$first" ] || [ ! -e "$each/until" ] || printf '{"binlogs":"%s","from":%s,"until":%s,"bytes":%s}\\n' "\${each#"$site"/binlogs/}" "$(od -An -t u4 -j 4 -N 4 "$each/$first" | tr -d ' ')" "$(cat "$each/until")" "$(du -sb "$each" | cut -f 1)"
  done
  for each in "$site"/problems/*; do
    [ ! -e "$each" ] || printf '{"problem":"%s","at":"%s","said":%s}\\n' "$(basename "$each")" "$(cut -f 1 "$each")" "$(json "$(cut -f 2- "$each")")"
  done
}

serve() {
  local last
  trap 'kill $(jobs -p) 2> /dev/null; exit 143' TERM INT
  while :; do attempt binlogs copy; sleep ${copySeconds}; done &
  while :; do
    last=$({ sound; running; } | sort | tail -n 1)
    if ready && { [ -z "$last" ] || [ $(($(date +%s) - $(seconds "$last"))) -ge ${fullEveryHours * 3600} ]; } && [ "$(chosen)" = $name ]; then
      attempt full full || attempt full full || { sleep ${retrySeconds} & wait $!; }
    fi
    sleep 30 & wait $!
  done
}

case \${1:-} in
  serve | full | pages | list) "$1" ;;
  *) say "\${1:-nothing}: allowed are serve, full, pages, list"; exit 2 ;;
esac
`;
}
