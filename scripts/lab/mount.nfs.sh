#!/bin/sh
# Stands for mount.nfs(8) on the lab's nodes, whose kernel has no NFS: asks the NAS for an answer as a client would, over the host's own network, and then
# puts the directory itself in the place of the mount. Of the NAS's trees this machine has its own zone's alone.
set -eu
source=$1 target=$2
server=${source%%:*} path=${source#*:}
address=$(getent ahostsv4 "$server" | sed -n '1s/ .*//p')
[ -n "$address" ] || { echo "mount.nfs: $server: no such name" >&2; exit 32; }
nc -z -w 5 "$address" 2049 || { echo "mount.nfs: $server ($address): port 2049 does not answer" >&2; exit 32; }
tree=/var/lib/tandem-nas
# A link leads a client into its own files.
[ -d "$tree$path" ] && [ "$(realpath "$tree$path")" = "$tree$path" ] || { echo "mount.nfs: mounting $source failed, reason given by server: No such file or directory" >&2; exit 32; }
exec mount --bind "$tree$path" "$target"
