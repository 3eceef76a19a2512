# Managed by Tandem: changes by hand are found and reported.
set -eu
[ -e /srv/nas/.lineage ] || cat /proc/sys/kernel/random/uuid > /srv/nas/.lineage
# When it follows again, what it has beyond the other is kept.
rm -f /srv/nas/.replication/follows
exec stunnel /etc/tandem/nas-replication/stunnel.conf
