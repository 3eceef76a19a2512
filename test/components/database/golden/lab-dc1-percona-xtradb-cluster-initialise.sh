#!/bin/sh
# Managed by Tandem: changes by hand are found and reported.
# Makes the first data of cluster lab-dc1: once in its life, on one node.
set -eu
[ -z "$(ls -A /var/lib/mysql)" ] || { echo "/var/lib/mysql is not empty: cluster lab-dc1 was made before; nothing was changed" >&2; exit 1; }
mysqld --defaults-file=/etc/tandem/database/my.cnf --initialize-insecure --init-file=/etc/tandem/database/accounts.sql
touch /var/lib/mysql/start-cluster
