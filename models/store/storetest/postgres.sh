#!/bin/sh
# A PostgreSQL server for tests. It prints the address of its superuser as one
# line, then lives for as long as its standard input stays open: whoever
# started it may end as it likes, even by kill -9, and nothing is left behind.
#
#	postgres.sh         start a server
#	postgres.sh find    print where the server's programs are, exit 1 if nowhere
#
# With DURABLE=1 in the environment the server writes every commit through to the
# disk, as one in production does: that is for benchmarks, tests need no disk.
set -eu

find_programs() {
	for dir in \
		"$(dirname "$(command -v initdb || echo /none/initdb)")" \
		"$(pg_config --bindir 2>/dev/null || true)" \
		$(ls -d /usr/lib/postgresql/*/bin /usr/pgsql-*/bin /opt/homebrew/opt/postgresql*/bin 2>/dev/null | sort -rV)
	do
		if [ -x "$dir/initdb" ] && [ -x "$dir/pg_ctl" ] && [ -x "$dir/postgres" ]; then
			echo "$dir"
			return
		fi
	done
	echo 'no PostgreSQL server found; `make test` installs it' >&2
	return 1
}

bin=$(find_programs)
if [ "${1-}" = find ]; then
	echo "$bin"
	exit
fi

# Ctrl-C reaches every process of a terminal. The server must outlive it until
# the tests are done with it, which the end of standard input tells.
trap '' INT HUP TERM

# PostgreSQL refuses to run as root. Root's own temporary directory may be
# closed to others, /tmp is not.
as= parent=${TMPDIR:-/tmp}
if [ "$(id -u)" = 0 ]; then
	as='setpriv --reuid=postgres --regid=postgres --clear-groups'
	parent=/tmp
fi
# A database is a thousand small files: in memory, where there is plenty, one is
# made in a tenth of the time.
if [ -z "${DURABLE-}" ] && [ -w /dev/shm ] && [ "$(df -Pk /dev/shm | awk 'END { print $4 }')" -gt 2000000 ]; then
	parent=/dev/shm
fi
unset PGDATA PGHOST PGPORT PGUSER PGDATABASE PGOPTIONS

dir=$(mktemp -d "$parent/tickmark-postgres.XXXXXX")
stop() {
	$as "$bin/pg_ctl" stop -D "$dir/data" -m immediate -s >/dev/null 2>&1 || true
	cd /
	rm -rf "$dir"
}
trap stop EXIT
cd "$dir"

password=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
echo "$password" >password
if [ -n "$as" ]; then
	chown -R postgres "$dir"
fi
$as "$bin/initdb" -D data -U tickmark --pwfile=password --auth=scram-sha-256 \
	--encoding=UTF8 --locale=C --no-sync >initdb.log 2>&1 || { cat initdb.log >&2; exit 1; }

settings='-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c min_wal_size=32MB -c max_wal_size=64MB'
if [ -n "${DURABLE-}" ]; then
	settings='-c fsync=on -c synchronous_commit=on -c full_page_writes=on'
fi

# There is no asking for a free port, only trying one. The range lies below the
# ports that systems give to outgoing connections.
tries=0
while :; do
	port=$((20000 + $(od -An -N2 -tu2 /dev/urandom) % 12000))
	if $as "$bin/pg_ctl" start -D data -w -s -l data/log -o "-p $port \
		-c listen_addresses=127.0.0.1 -c unix_socket_directories='' \
		-c max_connections=200 -c wal_level=minimal -c max_wal_senders=0 $settings" >/dev/null
	then
		break
	fi
	tries=$((tries + 1))
	if [ $tries = 5 ]; then
		cat data/log >&2
		exit 1
	fi
done
echo "postgres://tickmark:$password@127.0.0.1:$port/postgres?sslmode=disable"
cat >/dev/null
