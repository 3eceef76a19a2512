#!/bin/sh
# What a machine that runs pods has from its first boot on real hardware. Comes before each of its programs, and changes nothing the second time.

# One program after the other: they start together.
exec 9> /run/tandem-worker.lock
flock 9

if [ ! -e /run/tandem-worker.done ]; then
  # Mounts of pods show on both sides.
  mount --make-rshared /
  for path in /sys /sys/fs/cgroup /sys/fs/cgroup/*/; do
    if mountpoint -q "$path"; then mount -o remount,rw "$path" 2>/dev/null || mount -o remount,bind,rw "$path"; fi
  done
  # Of the kernel's settings, those of the network are the machine's own, pods' interfaces too. A mount that hides them hides those of new interfaces.
  mount -o remount,bind,rw /proc/sys
  : > /run/tandem-worker.done
fi

# The others belong to the machine that the lab runs on: what is declared shows here, and is set nowhere.
sed -n 's/^\([a-z][a-z_.]*\) = \(.*\)$/\1 \2/p' /etc/sysctl.d/60-tandem.conf | while read -r key value; do
  file=/proc/sys/$(echo "$key" | tr . /)
  case $key in net.*) continue ;; esac
  [ -e "$file" ] || continue
  [ "$(cat "$file")" != "$value" ] || continue
  mkdir -p /run/tandem-sysctl
  echo "$value" > "/run/tandem-sysctl/$key"
  mount --bind "/run/tandem-sysctl/$key" "$file"
done
