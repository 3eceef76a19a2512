#!/bin/sh
# Managed by Tandem: changes by hand are found and reported.
set -eu
wanted() {
  cat << 'END'
10.77.111.0/27 via 10.77.141.1 dev eth1
10.77.112.0/27 via 10.77.142.1 dev eth2
10.77.140.0/27 dev eth0 table 1001 scope link
10.77.141.0/27 dev eth1 table 1002 scope link
10.77.142.0/27 dev eth2 table 1003 scope link
10.77.211.0/27 via 10.77.141.1 dev eth1
1000: from all to 10.244.48.0/20 lookup main
1001: from 10.77.140.0/27 lookup 1001
1002: from 10.77.141.0/27 lookup 1002
1003: from 10.77.142.0/27 lookup 1003
default via 10.77.140.1 dev eth0
default via 10.77.140.1 dev eth0 table 1001
default via 10.77.141.1 dev eth1 table 1002
default via 10.77.142.1 dev eth2 table 1003
END
}
present() {
  ip -4 route show table all proto 84 | sed 's/ linkdown//; s/ *$//'
  ip -4 rule show | tr '\t' ' ' | sed -n '/^1000: /p; /^1001: /p; /^1002: /p; /^1003: /p'
}
without() { grep -vxF -e "$1" || true; }
as_commands() { sed -E 's/^([0-9]+): (.*)/rule '"$1"' pref \1 \2/; t; s/^.*/route '"$2"' & proto 84/'; }

case ${1:-} in
  differing)
    present | without "$(wanted)"
    wanted | without "$(present)"
    exit
    ;;
esac
case ${IFACE:-} in
  "" | --all)
    wanted | without "$(present)" | as_commands add replace | ip -4 -batch -
    present | without "$(wanted)" | as_commands del del | ip -4 -batch -
    ;;
  *) wanted | without "$(present)" | { grep -E "^[0-9]+: | dev $IFACE( |$)" || true; } | as_commands add replace | ip -4 -batch - ;;
esac
