#!/bin/sh
# Managed by Tandem: changes by hand are found and reported.
# Makes the first data of cluster reference-dc1: once in its life, on one node.
set -eu
[ -z "$(ls -A /var/lib/mysql)" ] || { echo "/var/lib/mysql is not empty: cluster reference-dc1 was made before; nothing was changed" >&2; exit 1; }
mysql_install_db --defaults-file=/etc/tandem/database/my.cnf --skip-test-db --auth-root-authentication-method=socket --auth-root-socket-user=root
mysqld --defaults-file=/etc/tandem/database/my.cnf --bootstrap --wsrep-on=OFF < /etc/tandem/database/accounts.sql
touch /var/lib/mysql/start-cluster
