#!/bin/sh
# A PostgreSQL cluster in a directory that is kept; the server lives as long as this script's standard input stays open.
#
# Usage: sh cluster.sh BIN_DIRECTORY PORT DIRECTORY
# Prints "ready" once the server accepts connections. What is in it can be made again, so nothing is flushed to the disk.
set -eu
bin=$1
port=$2
cd "$3"
trap '' INT HUP TERM PIPE

[ -f data/PG_VERSION ] || "$bin/initdb" --pgdata=data --username=postgres --auth=trust --encoding=UTF8 --locale=C \
    --no-sync --no-instructions >initdb.log 2>&1 || { cat initdb.log >&2; exit 1; }

server=
stop() {
    [ -z "$server" ] || kill -INT "$server" 2>/dev/null || true
    [ -z "$server" ] || wait "$server" 2>/dev/null || true
}
trap stop EXIT

"$bin/postgres" -D data -p "$port" \
    -c listen_addresses=127.0.0.1 -c unix_socket_directories= \
    -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c autovacuum=off \
    -c max_connections=100 -c shared_buffers=1GB -c max_wal_size=8GB -c maintenance_work_mem=256MB \
    </dev/null >server.log 2>&1 &
server=$!

# The file may be one that another server has left, or is still using.
is_ready() { [ "$(head -n 1 data/postmaster.pid 2>/dev/null)" = "$server" ] && grep -q '^ready' data/postmaster.pid; }
tries=0
until is_ready; do
    kill -0 "$server" 2>/dev/null || { cat server.log >&2; exit 1; }
    tries=$((tries + 1))
    [ "$tries" -lt 1200 ] || { cat server.log >&2; exit 1; }
    sleep 0.05
done
echo ready

# Blocks until the writer is gone; `read` returns false at the end of input.
while read -r _; do :; done
