#!/bin/sh
# Managed by Tandem: changes by hand are found and reported.
set -eu
wanted() {
  cat << 'END'
10.20.21.0/26 via 10.20.0.8 dev bond0.1050 src 10.20.11.2
10.20.22.0/26 via 10.20.0.8 dev bond0.1050 src 10.20.11.2
10.20.31.0/26 via 10.20.0.12 dev bond0.1050 src 10.20.11.2
10.20.32.0/26 via 10.20.0.12 dev bond0.1050 src 10.20.11.2
10.20.41.0/26 via 10.20.0.16 dev bond0.1050 src 10.20.11.2
10.20.42.0/26 via 10.20.0.16 dev bond0.1050 src 10.20.11.2
10.20.51.0/26 via 10.20.0.20 dev bond0.1050 src 10.20.11.2
10.20.52.0/26 via 10.20.0.20 dev bond0.1050 src 10.20.11.2
10.30.11.0/26 via 10.10.0.5 dev bond0.3000 src 10.20.11.2
10.30.12.0/26 via 10.10.0.5 dev bond0.3000 src 10.20.11.2
10.30.21.0/26 via 10.10.0.5 dev bond0.3000 src 10.20.11.2
10.30.31.0/26 via 10.10.0.5 dev bond0.3000 src 10.20.11.2
10.30.41.0/26 via 10.10.0.5 dev bond0.3000 src 10.20.11.2
10.30.51.0/26 via 10.10.0.5 dev bond0.3000 src 10.20.11.2
default via 10.20.0.1 dev bond0.1050 src 10.20.11.2
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
