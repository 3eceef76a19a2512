import { managed } from "../managed.render.ts";
import { datastoreSchema } from "./accounts.render.ts";
import { type DatabaseCluster, databasePaths } from "./cluster.render.ts";
import { clusterDomain, ownDomain } from "./my-cnf.render.ts";
import { datastoreTable } from "./turns.render.ts";

const { backups, runtime, scratch, serverConfiguration } = databasePaths;

interface Tools {
  readonly unpack: string;
  readonly prepare: string;
  readonly replay: (cluster: DatabaseCluster) => string;
  readonly server: string;
  readonly dump: string;
  /** Tables that hold nothing of anybody's, and that the tool may copy torn. */
  readonly expendable: readonly string[];
}

const tools: Readonly<Record<DatabaseCluster["flavor"], Tools>> = {
  "percona-xtradb-cluster": {
    unpack: "xbstream",
    prepare: "xtrabackup --no-defaults",
    replay: () => '"--exclude-gtids=$gtid"',
    server: "--gtid-mode=ON --enforce-gtid-consistency --disable-log-bin --mysqlx=OFF --wsrep-provider=none",
    dump: "mysqldump --no-defaults --set-gtid-purged=OFF --column-statistics=0",
    expendable: [],
  },
  // https://mariadb.com/docs/server/clients-and-utilities/logging-tools/mariadb-binlog/mariadb-binlog-options
  "mariadb-galera": {
    unpack: "mbstream",
    prepare: "mariabackup --no-defaults",
    // What a node wrote alone is no data of the cluster.
    replay: (cluster) =>
      `"--start-position=$gtid" --ignore-domain-ids=${cluster.members.map((member) => ownDomain(cluster, member)).join(",")}`,
    server: "--wsrep-on=OFF",
    dump: "mysqldump --no-defaults",
    // The optimizer's statistics: tables without a log, of which the tool copies what the server has written by then. ANALYZE TABLE makes them anew.
    // https://mariadb.com/docs/server/ha-and-performance/optimization-and-tuning/query-optimizations/statistics-for-optimizing-queries/engine-independent-table-statistics
    expendable: ["column_stats", "index_stats", "table_stats"],
  },
};

/**
 * Restores a full backup into a scratch server and replays the binary logs up to a time. The server is on a socket of the backup container, in
 * no network and no cluster, and ends when it was looked through; its data stay until the next restore. The last line says what it holds, as JSON.
 * While they are there, kine's table can be had from them as statements.
 */
export function renderRestore(cluster: DatabaseCluster): string {
  const { unpack, prepare, replay, server, dump, expendable } = tools[cluster.flavor];
  const empty = expendable.map((table) => `TRUNCATE TABLE mysql.${table}`).join("; ");
  const emptied = empty === "" ? "" : `client --execute='${empty}' || fail "the optimizer's statistics can't be emptied"\n`;
  return `#!/bin/bash
# ${managed}
# Restores a backup of cluster ${cluster.name} into a scratch server: restore <full backup, or latest> <time as 20260131T235959Z, or end>
# Prints kine's table from there: restore dump <full backup> <time>, as they were restored.
set -uo pipefail
export TZ=UTC LC_ALL=C.UTF-8
site=${backups}
scratch=${scratch}
data=$scratch/data
socket=${runtime}/scratch.sock

say() { echo "tandem: $*" >&2; }
fail() { say "$*"; exit 1; }
seconds() { date -u -d "\${1:0:4}-\${1:4:2}-\${1:6:2} \${1:9:2}:\${1:11:2}:\${1:13:2}" +%s; }
json() { local text=\${1//\\\\/\\\\\\\\}; text=\${text//\\"/\\\\\\"}; printf '"%s"' "\${text//[[:cntrl:]]/ }"; }
client() { mysql --no-defaults --protocol=socket --socket="$socket" --user=root --batch --skip-column-names "$@"; }

server=
trap '[ -z "$server" ] || kill -KILL $server 2> /dev/null' EXIT
start() {
  mysqld --no-defaults --datadir="$data" --socket="$socket" --pid-file=${runtime}/scratch.pid --skip-networking --skip-grant-tables --innodb-buffer-pool-size=64M \\
    --innodb-flush-log-at-trx-commit=0 --character-set-server=utf8mb4 --max-allowed-packet=1G --tmpdir="$scratch" --log-error="$scratch/server.log" ${server} 9>&- &
  server=$!
  until client --execute='SELECT 1' > /dev/null 2>&1; do
    kill -0 $server 2> /dev/null || fail "the scratch server does not start: $(tail -n 1 "$scratch/server.log")"
    sleep 0.3
  done
}
stop() { kill -TERM $server; wait $server; server=; }

take_lock() { exec 9> ${runtime}/restoring; flock -n 9 || fail "another restore is running on this host"; }

if [ "\${1:-}" = dump ]; then
  take_lock
  [ "$(cat "$scratch/holds" 2> /dev/null)" = "\${2:-} \${3:-}" ] || fail "the scratch server does not hold \${2:-} until \${3:-}, or no longer: run again"
  start
  ${dump} --protocol=socket --socket="$socket" --user=root --skip-triggers --skip-lock-tables --skip-add-locks --hex-blob ${datastoreSchema} ${datastoreTable} || fail "${datastoreSchema}.${datastoreTable} can't be read"
  stop
  exit
fi

full=\${1:-} to=\${2:-}
[[ $to =~ ^([0-9]{8}T[0-9]{6}Z|end)$ ]] || fail "\${to:-no time}: allowed is a time as 20260131T235959Z, or end"
if [ "$full" = latest ]; then
  full=
  for each in "$site"/full/2*; do
    [ -e "$each/manifest.json" ] && ! grep -q '"sound":false' "$each/verified.json" 2> /dev/null || continue
    [ "$to" = end ] || [[ ! "$(basename "$each")" > "$to" ]] || continue
    full=$(basename "$each")
  done
  [ -n "$full" ] || fail "there is no sound full backup from before $to"
fi
kept=$site/full/$full
[[ $full =~ ^2[0-9]{7}T[0-9]{6}Z-[a-z0-9-]+$ ]] && [ -e "$kept/manifest.json" ] || fail "$full: there is no such full backup in $site/full"
[ "$to" = end ] || [[ ! "$full" > "$to" ]] || fail "$full ends after $to: a restore begins with a full backup from before that time"
end=$(seconds "\${full%%-*}")
gtid=$(tr -d '[:space:]' < "$kept/gtid")

# The binary logs that reach from the full backup furthest on, of whichever node.
logs= until=$((end - 1))
for life in "$site"/binlogs/*/*; do
  first=$(ls "$life" 2> /dev/null | grep '^binlog\\.[0-9]*$' | head -n 1)
  [ -n "$first" ] && [ -e "$life/until" ] && [ "$(od -An -t u4 -j 4 -N 4 "$life/$first")" -le "$end" ] && [ "$(cat "$life/until")" -gt "$until" ] || continue
  logs=$life until=$(cat "$life/until")
done
if [ "$to" != end ]; then
  [ -n "$logs" ] || fail "no node's binary logs reach back to $full"
  [ "$until" -ge "$(seconds "$to")" ] || fail "the binary logs end at $(date -u -d "@$until" +%Y%m%dT%H%M%SZ), before $to"
fi

take_lock
say "unpacks $full"
rm -rf "\${scratch:?}"/* && mkdir -p "$data" && cd "$scratch" || fail "$scratch can't be written to"
(cd "$kept" && sha256sum --check --quiet sum >&2) || fail "$kept/data.gz is not what was written"
gzip -dc "$kept/data.gz" | ${unpack} -x -C "$data" || fail "$kept/data.gz can't be unpacked"
say 'brings its data to one time'
${prepare} --prepare --target-dir="$data" --use-memory=64M > "$scratch/prepare.log" 2>&1 || fail "can't be prepared: $(tail -n 1 "$scratch/prepare.log")"
# Only the node's own configuration lets the server say where the data end.
mysqld --defaults-file=${serverConfiguration} --datadir="$data" --socket="$socket" --pid-file=${runtime}/scratch.pid --skip-networking --innodb-buffer-pool-size=64M --wsrep-recover --tmpdir="$scratch" --log-error="$scratch/recover.log" >&2
position=$(sed -n 's/.*Recovered position:* *//p' "$scratch/recover.log" | tail -n 1)
# MariaDB's tool leaves out what other nodes wrote; the data themselves know.
[ "$position" = "\${position#*,}" ] || gtid=\${position#*,}
position=\${position%%,*}
read -r recorded _ < "$data/xtrabackup_galera_info"
[ "$position" = "$recorded" ] || fail "its data end at \${position:-nothing}, while the tool recorded $recorded"
[ -n "$gtid" ] || fail 'its data tell no GTID, so no binary log can be replayed'

start
last=
if [ -n "$logs" ]; then
  say "replays the binary logs in $logs until $to"
  [ "$to" = end ] && stop_at= || stop_at=$(date -u -d "@$(seconds "$to")" '+%F %T')
  # Accounts made since the backup: a server without grants takes none.
  { echo 'FLUSH PRIVILEGES;'
    mysqlbinlog --no-defaults ${replay(cluster)} \${stop_at:+"--stop-datetime=$stop_at"} "$logs"/binlog.[0-9]* 2> "$scratch/binlog.log" || touch "$scratch/failed"
  } | awk -v next_one="$(tr ',' '\\n' <<< "$gtid" | awk -F - '$1 == ${clusterDomain} { printf "%.0f", $3 + 1 }')" -v found="$scratch/last" '
    { print }
    /^#[0-9]+ .*GTID [0-9]+-[0-9]+-[0-9]+/ {
      match($0, /GTID [0-9]+-[0-9]+-[0-9]+/)
      gtid = substr($0, RSTART + 5, RLENGTH - 5)
      at = $1 " " $2
      split(gtid, part, "-")
      if (part[1] == ${clusterDomain}) {
        if (next_one != "" && part[3] != next_one) { print "misses " next_one " before " gtid > (found ".gap"); exit 1 }
        next_one = part[3] + 1
      }
    }
    END { if (gtid != "") print gtid " " substr(at, 2) > found }
  ' | client --binary-mode || [ -e "$scratch/last.gap" ] || fail 'the binary logs could not be replayed'
  [ ! -e "$scratch/last.gap" ] || fail "the binary logs in $logs have a gap: $(cat "$scratch/last.gap")"
  # MariaDB's reader takes logs that end with the backup's own last transaction for ones that do not reach it.
  if [ -e "$scratch/failed" ]; then
    grep -q 'never reached expected GTID state' "$scratch/binlog.log" && [ "$(mysqlbinlog --no-defaults "$logs"/binlog.[0-9]* 2> /dev/null | grep -acE "^#[0-9]+ .*GTID $gtid( |$)")" -gt 0 ] ||
      fail "the binary logs can't be read: $(tail -n 1 "$scratch/binlog.log"); they end with $(mysqlbinlog --no-defaults "$logs"/binlog.[0-9]* 2> /dev/null | grep -aoE 'GTID [0-9]+-[0-9]+-[0-9]+' | tail -n 1)"
  fi
  last=$(cat "$scratch/last" 2> /dev/null)
  stop
  start
fi

${emptied}say 'reads every table'
bad=$(mysqlcheck --no-defaults --protocol=socket --socket="$socket" --user=root --all-databases --silent 2>&1) || fail "tables can't be checked: $bad"
[ -z "$bad" ] || fail "tables are not sound: $bad"
rows=
while read -r table; do
  count=$(client --execute="SELECT COUNT(*) FROM $table") || fail "$table can't be read"
  rows+="\${rows:+,}$(json "\${table//\\\`/}"):$count"
done < <(client --raw --execute="SELECT CONCAT('\\\`', table_schema, '\\\`.\\\`', table_name, '\\\`') FROM information_schema.tables WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('mysql', 'sys', 'information_schema', 'performance_schema') ORDER BY 1")
stop
echo "$full $to" > "$scratch/holds"
printf '{"full":%s,"to":%s,"position":%s,"gtid":%s,"binlogs":%s,"last":%s,"rows":{%s}}\\n' \\
  "$(json "$full")" "$(json "$to")" "$(json "$position")" "$(json "$gtid")" "$(json "\${logs#"$site"/binlogs/}")" "$(json "$last")" "$rows"
`;
}
