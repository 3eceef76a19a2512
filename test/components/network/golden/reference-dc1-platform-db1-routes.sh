#!/bin/sh
# Managed by Tandem: changes by hand are found and reported.
set -eu
wanted() {
  cat << 'END'
10.20.10.0/26 dev bond0.1100 table 1001 scope link
10.20.11.0/26 dev bond0.1101 table 1002 scope link
10.20.12.0/26 dev bond0.1102 table 1003 scope link
10.30.11.0/26 via 10.20.11.1 dev bond0.1101
10.30.12.0/26 via 10.20.12.1 dev bond0.1102
1001: from 10.20.10.0/26 lookup 1001
1002: from 10.20.11.0/26 lookup 1002
1003: from 10.20.12.0/26 lookup 1003
172.16.0.123 via 10.20.11.1 dev bond0.1101
172.16.1.123 via 10.20.11.1 dev bond0.1101
172.16.2.123 via 10.20.11.1 dev bond0.1101
172.16.255.0/26 via 10.20.11.1 dev bond0.1101
default via 10.20.10.1 dev bond0.1100
default via 10.20.10.1 dev bond0.1100 table 1001
default via 10.20.11.1 dev bond0.1101 table 1002
default via 10.20.12.1 dev bond0.1102 table 1003
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
