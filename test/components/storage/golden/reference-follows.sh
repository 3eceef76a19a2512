# Managed by Tandem: changes by hand are found and reported.
# Fetches what the NAS dc1-platform-nas1 has.
set -u
export TZ=UTC LC_ALL=C.UTF-8 RSYNC_CONNECT_PROG='stunnel /etc/tandem/nas-replication/stunnel.conf'
source=rsync://10.20.12.20/nas
state=/srv/nas/.replication
lineage=/srv/nas/.lineage
cd /srv/nas || exit 1
mkdir -p -m 0700 "$state"

follow() {
  rsync --timeout=60 "$source/.lineage" "$state/theirs" || return
  if ! cmp -s "$state/theirs" "$lineage"; then
    found=$(find . -path './.*' -prune -o -path './platform/core/database-backup' -prune -o -type f -print -quit)
    [ -z "$found" ] || { echo "the files here, as ${found#./}, do not go back to those of dc1-platform-nas1: one of the two began anew, and nothing is taken away for it"; return 1; }
    # Before the first file: a copy that is interrupted goes on.
    cp "$state/theirs" "$lineage"
  fi
  keep=
  [ -e "$state/follows" ] || keep="--backup --backup-dir=/srv/nas/.replaced/$(date +%Y%m%dT%H%M%SZ)"
  rsync --archive --hard-links --numeric-ids --delete-after --timeout=60 $keep --exclude='/.*' --exclude='/platform/core/database-backup' --filter='protect /*/' --filter='protect /internet/portal/' --filter='protect /internet/portal/uploads/' --filter='protect /office/mailroom/' --filter='protect /office/mailroom/scans/' --filter='protect /platform/core/' --filter='protect /platform/core/database-backup/' --filter='protect /policy/claims/' --filter='protect /policy/claims/documents/' --filter='protect /policy/claims/volumes/' --filter='protect /policy/contracts/' --filter='protect /policy/contracts/letters/' "$source/" ./
  code=$?
  # 24: files went away while they were copied.
  [ $code = 0 ] || [ $code = 24 ] || return $code
  : > "$state/follows"
}

while :; do
  began=$(date +%s)
  if said=$(follow 2>&1); then
    # All that was written before it began is here.
    echo "$began $(date +%s)" > "$state/last.new" && mv "$state/last.new" "$state/last"
    rm -f "$state/problem"
  else
    echo "tandem: $said" >&2
    printf '%s\n' "$said" | tail -n 1 > "$state/problem"
  fi
  find /srv/nas/.replaced -mindepth 1 -maxdepth 1 -mtime +30 -exec rm -rf {} + 2> /dev/null
  left=$((began + 300 - $(date +%s)))
  [ $left -le 0 ] || sleep $left
done
