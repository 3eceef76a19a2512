#!/bin/sh
# Stands in for a machine's init: packet filter, kernel settings, routes, then SSH. Ends when the machine is switched off.

# What was running when the power failed is gone; /run of a container is not.
find /run -mindepth 1 -delete 2>/dev/null
mkdir -p /run/sshd /run/lock

# A machine of the lab is the one that its host key says: a container that was made anew in its place is that machine, repaired.
[ -s /etc/machine-id ] || sha256sum < /etc/ssh/tandem/ssh_host_ed25519_key | cut -c1-32 > /etc/machine-id

# Uploaded under whoever runs the lab; sshd wants a host key that only root reads.
chown root:root /etc/ssh/tandem/ssh_host_ed25519_key && chmod 600 /etc/ssh/tandem/ssh_host_ed25519_key

# Docker lays its own over it at each start: a machine's is what it was told last.
umount /etc/resolv.conf 2>/dev/null || echo "names are asked of the engine" >&2

# Before anything listens or passes.
if [ -s /etc/nftables.conf ]; then nft -f /etc/nftables.conf || echo "packet filter not loaded" >&2; fi

# Only this machine's own network settings are writable; the rest belongs to the machine that the lab runs on.
mount --bind /proc/sys/net /proc/sys/net && mount -o remount,bind,rw /proc/sys/net || echo "kernel settings stay read-only" >&2
for file in /etc/sysctl.d/*.conf; do
  [ -e "$file" ] && sysctl --quiet --pattern '^net\.' --load="$file"
done

# As ifupdown does on a real machine.
if [ -e /etc/network/if-up.d/tandem-routes ]; then sh /etc/network/if-up.d/tandem-routes || echo "routes not set" >&2; fi

# A machine that runs pods keeps programs besides its containers; each prepares what it needs.
if [ -x /usr/bin/runsvdir ]; then
  mkdir -p /etc/service
  runsvdir -P /etc/service &
fi

while :; do
  setpriv --bounding-set -sys_admin --inh-caps -sys_admin /usr/sbin/sshd -D -e
  sleep 1
done
