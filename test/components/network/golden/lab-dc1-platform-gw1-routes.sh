#!/bin/sh
# Managed by Tandem: changes by hand are found and reported.
set -eu
wanted() {
  cat << 'END'
10.77.121.0/27 via 10.77.100.8 dev eth3 src 10.77.111.2
10.77.122.0/27 via 10.77.100.8 dev eth3 src 10.77.111.2
10.77.131.0/27 via 10.77.100.12 dev eth3 src 10.77.111.2
10.77.132.0/27 via 10.77.100.12 dev eth3 src 10.77.111.2
10.77.141.0/27 via 10.77.100.16 dev eth3 src 10.77.111.2
10.77.142.0/27 via 10.77.100.16 dev eth3 src 10.77.111.2
10.77.151.0/27 via 10.77.100.20 dev eth3 src 10.77.111.2
10.77.152.0/27 via 10.77.100.20 dev eth3 src 10.77.111.2
10.77.211.0/27 via 10.77.0.5 dev eth4 src 10.77.111.2
10.77.212.0/27 via 10.77.0.5 dev eth4 src 10.77.111.2
10.77.221.0/27 via 10.77.0.5 dev eth4 src 10.77.111.2
10.77.231.0/27 via 10.77.0.5 dev eth4 src 10.77.111.2
10.77.241.0/27 via 10.77.0.5 dev eth4 src 10.77.111.2
10.77.251.0/27 via 10.77.0.5 dev eth4 src 10.77.111.2
default via 10.77.100.1 dev eth3 src 10.77.111.2
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
