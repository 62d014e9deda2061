#!/usr/bin/env bash
# A private PostgreSQL server on loopback: everything it reads or writes is under DIR.
# Used by the tests, and by `make run` when asked for; never touches a cluster of the machine.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/process.sh"

usage() {
    cat >&2 <<'TEXT'
usage: postgres.sh start DIR [PORT]   start the server, wait until it answers (free port unless given)
       postgres.sh stop DIR           stop it, by pid; nothing happens when it is not running
       postgres.sh status DIR         exit 0 when it is running
       postgres.sh create DIR NAME    create the database NAME; nothing happens when it is there
       postgres.sh sql DIR NAME SQL   run SQL in the database NAME and print what it returns

DIR/extra.conf, where it exists, is appended to the configuration at start.
After start: DIR/port, DIR/password (of the user refund), DIR/env (POSTGRES_PORT, POSTGRES_URL
without a database's name, PID), DIR/log/postgres.log.
TEXT
    exit 64
}

readonly start_seconds=60 stop_seconds=20 start_attempts=3

# Debian keeps the server's programs away from the PATH, by version.
bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
[ -n "$bin" ] || bin=$(dirname "$(command -v postgres || echo /none/postgres)")
readonly bin

# PostgreSQL refuses to run as root.
as_server=()
[ "$(id -u)" != 0 ] || as_server=(setpriv --reuid=postgres --regid=postgres --init-groups)

server_pid() { pid_of "$dir/pid" "-D $dir/data "; }

initialise() {
    [ ! -f "$dir/data/PG_VERSION" ] || return 0
    # A start that was interrupted leaves half a cluster.
    rm -rf "$dir/data"
    [ -f "$dir/password" ] ||
        (umask 077; od -An -N24 -tx1 /dev/urandom | tr -d ' \n' >"$dir/password")
    install -d -m 700 "$dir/data"
    if [ ${#as_server[@]} -gt 0 ]; then
        chown -R postgres: "$dir/data" "$dir/log" "$dir/password"
        "${as_server[@]}" test -x "$dir" ||
            fail "the user postgres cannot enter $dir; use a directory that every user may enter"
    fi
    "${as_server[@]}" "$bin/initdb" --pgdata "$dir/data" --username refund --pwfile "$dir/password" \
        --auth scram-sha-256 --encoding UTF8 --locale C --no-sync >"$dir/log/initdb.log" 2>&1 || {
        cat "$dir/log/initdb.log" >&2
        rm -rf "$dir/data"
        fail "the server's files could not be made"
    }
    cp "$dir/data/postgresql.conf" "$dir/postgresql.conf.orig"
}

write_configuration() {
    {
        cat "$dir/postgresql.conf.orig"
        echo "listen_addresses = '127.0.0.1'"
        echo "port = $1"
        # A socket's path has at most 107 bytes.
        [ ${#dir} -lt 80 ] && echo "unix_socket_directories = '$dir/data'" ||
            echo "unix_socket_directories = ''"
        echo "logging_collector = off"
        [ ! -f "$dir/extra.conf" ] || cat "$dir/extra.conf"
    } >"$dir/data/postgresql.conf"
}

answers() { PGCONNECT_TIMEOUT=2 "$bin/pg_isready" --quiet --host 127.0.0.1 --port "$1"; }

# Succeeds when it answers; fails when the process ended, or did not get ready in time.
await_answer() {
    local port=$1 pid=$2 deadline=$((SECONDS + start_seconds))
    while [ $SECONDS -lt $deadline ]; do
        [ -d "/proc/$pid" ] || return 1
        answers "$port" && return 0
        sleep 0.05
    done
    return 1
}

# After kill -9 the server's own lock files keep out the next start for as long as nobody has reaped
# the dead process. They may go once nothing is attached to the shared memory that the first names.
remove_stale_lock() {
    local lock=$dir/data/postmaster.pid deadline=$((SECONDS + stop_seconds)) memory
    [ -f "$lock" ] || return 0
    memory=$(sed -n 7p "$lock" | awk '{ print $2 }')
    while awk -v id="${memory:-none}" '$2 == id && $7 > 0 { used = 1 } END { exit !used }' /proc/sysvipc/shm
    do
        [ $SECONDS -lt $deadline ] || fail "sessions of a server that was killed still run"
        sleep 0.05
    done
    rm -f "$lock" "$dir"/data/.s.PGSQL.*
}

start() {
    local port
    [ -x "$bin/postgres" ] ||
        fail "PostgreSQL's server is not installed; 'deploy/local/install.sh postgres' brings it"
    if server_pid >/dev/null; then
        echo "already running on port $(cat "$dir/port")"
        return
    fi
    initialise
    remove_stale_lock
    for _ in $(seq $start_attempts); do
        stop
        port=${1:-$(free_port)}
        await_free "$port"
        write_configuration "$port"
        { detach "$dir/log/postgres.log"; cd /; exec setsid "${as_server[@]}" "$bin/postgres" -D "$dir/data" -p "$port"; } &
        echo $! >"$dir/pid"
        if await_answer "$port" "$(cat "$dir/pid")"; then
            echo "$port" >"$dir/port"
            (umask 077; printf '%s\n' "POSTGRES_PORT=$port" \
                "POSTGRES_URL=postgres://refund:$(cat "$dir/password")@127.0.0.1:$port" \
                "PID=$(cat "$dir/pid")" >"$dir/env")
            echo "listening on 127.0.0.1:$port"
            return
        fi
    done
    tail -n 20 "$dir/log/postgres.log" >&2 2>/dev/null || true
    stop
    fail "the server did not start after $start_attempts attempts; its log is $dir/log/postgres.log"
}

# SIGINT ends the sessions and stops in order; SIGQUIT at once, with a recovery at the next start.
stop() {
    local pid signal deadline
    for signal in INT QUIT KILL; do
        pid=$(server_pid) || break
        kill -$signal "$pid" 2>/dev/null || true
        kill -CONT "$pid" $(cat "/proc/$pid/task/$pid/children" 2>/dev/null) 2>/dev/null || true
        deadline=$((SECONDS + stop_seconds))
        while [ $SECONDS -lt $deadline ] && server_pid >/dev/null; do sleep 0.02; done
    done
    rm -f "$dir/pid" "$dir/env"
}

sql() {
    server_pid >/dev/null || fail "the server of $dir is not running"
    PGPASSWORD=$(cat "$dir/password") "$bin/psql" -X --no-password --quiet --tuples-only \
        --no-align --host 127.0.0.1 --port "$(cat "$dir/port")" --username refund \
        --set ON_ERROR_STOP=1 --dbname "$1" --command "$2"
}

create() {
    [[ ${1:-} =~ ^[a-z][a-z0-9_]*$ ]] || usage
    local known
    known=$(sql postgres "SELECT 1 FROM pg_database WHERE datname = '$1'")
    [ -n "$known" ] || sql postgres "CREATE DATABASE $1"
}

[ $# -ge 2 ] || usage
command=$1
mkdir -p "$2/log"
dir=$(cd "$2" && pwd -P)
shift 2
case $command in
start | stop | create)
    exec 9>"$dir/lock"
    flock -w 120 9 || fail "another postgres.sh is busy with $dir"
    "$command" "$@"
    ;;
sql)
    [ $# = 2 ] || usage
    sql "$@"
    ;;
status) server_pid >/dev/null ;;
*) usage ;;
esac
