# Managed by Tandem: changes by hand are found and reported.
export PGDATA=/var/lib/harbor/database
export POSTGRES_PASSWORD_FILE=/etc/tandem/harbor/database.password
export POSTGRES_MAX_CONNECTIONS=250
exec() {
  if [ "${1-}" = postgres ]; then
    builtin exec "$@" -c listen_addresses=127.0.0.1 -c port=5432 -c hba_file=/etc/tandem/harbor/database.hba -c dynamic_shared_memory_type=mmap
  fi
  builtin exec "$@"
}
