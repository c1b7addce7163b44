#!/bin/sh
# A PostgreSQL cluster that lives as long as this script's standard input stays open.
#
# Usage: sh cluster.sh BIN_DIRECTORY PORT
# Prints "ready" once the server accepts connections. When the other end of standard input closes, for
# whatever reason, the server is stopped and its directory removed. Nothing in it survives, so nothing is
# flushed to the disk either.
set -eu
bin=$1
port=$2

# A Ctrl-C in the terminal ends the test process, which closes our input: that is the one way to end.
# Writing to a process that is gone must be an error that runs the clean-up, not a signal that prevents it.
trap '' INT HUP TERM PIPE

directory=$(mktemp -d "${TMPDIR:-/tmp}/tertulia-postgres.XXXXXX")
server=
stop() {
    [ -z "$server" ] || kill -QUIT "$server" 2>/dev/null || true
    [ -z "$server" ] || wait "$server" 2>/dev/null || true
    rm -rf "$directory"
}
trap stop EXIT
cd "$directory"

"$bin/initdb" --pgdata=data --username=postgres --auth=trust --encoding=UTF8 --locale=C \
    --no-sync --no-instructions >initdb.log 2>&1 || { cat initdb.log >&2; exit 1; }

"$bin/postgres" -D data -p "$port" \
    -c listen_addresses=127.0.0.1 -c unix_socket_directories= \
    -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c autovacuum=off \
    -c max_connections=400 -c shared_buffers=64MB -c max_wal_size=4GB \
    </dev/null >server.log 2>&1 &
server=$!

tries=0
until grep -q '^ready' data/postmaster.pid 2>/dev/null; do
    kill -0 "$server" 2>/dev/null || { cat server.log >&2; exit 1; }
    tries=$((tries + 1))
    [ "$tries" -lt 600 ] || { cat server.log >&2; exit 1; }
    sleep 0.05
done
echo ready

# Blocks until the writer is gone; `read` returns false at the end of input.
while read -r _; do :; done
