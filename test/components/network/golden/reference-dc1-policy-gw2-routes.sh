#!/bin/sh
# Managed by Tandem: changes by hand are found and reported.
set -eu
wanted() {
  cat << 'END'
10.20.11.0/26 via 10.20.0.4 dev bond0.1050 src 10.20.41.3
10.20.12.0/26 via 10.20.0.4 dev bond0.1050 src 10.20.41.3
10.20.20.0/26 via 10.20.0.8 dev bond0.1050 src 10.20.41.3
10.20.30.0/26 via 10.20.0.12 dev bond0.1050 src 10.20.41.3
10.30.11.0/26 via 10.20.0.4 dev bond0.1050 src 10.20.41.3
default via 10.20.0.1 dev bond0.1050 src 10.20.41.3
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
