#!/usr/bin/env bash
# A private RabbitMQ node on loopback: everything it reads or writes is under DIR.
# Used by `make run` and by every test; never touches a RabbitMQ already on the machine.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/process.sh"

usage() {
    cat >&2 <<'TEXT'
usage: broker.sh start DIR [PORT]   start the node, wait until it speaks AMQP (free port unless given)
       broker.sh stop DIR           stop it, by pid; nothing happens when it is not running
       broker.sh status DIR         exit 0 when it is running
       broker.sh ctl DIR ARGS...    rabbitmqctl against it

DIR/definitions.json, where it exists, is loaded at start; there is then no guest user.
After start: DIR/amqp-port, DIR/env (AMQP_PORT, AMQP_URL, NODE, PID), DIR/log/broker.log.
TEXT
    exit 64
}

readonly bin=/usr/lib/rabbitmq/bin
readonly start_seconds=90 stop_seconds=20 start_attempts=3
readonly on_loopback='-kernel inet_dist_use_interface {127,0,0,1}'

server_pid() { pid_of "$dir/pid" "-home $dir/home "; }
epmd_pid() { pid_of "$dir/epmd-pid" "epmd -port $(cat "$dir/epmd-port" 2>/dev/null) "; }

with_environment() {
    exec env -i PATH="$PATH" LANG=C.UTF-8 HOME="$dir/home" \
        ERL_EPMD_PORT="$(cat "$dir/epmd-port")" ERL_EPMD_ADDRESS=127.0.0.1 \
        ERL_CRASH_DUMP_SECONDS=0 \
        RABBITMQ_NODENAME="$node" \
        RABBITMQ_CONF_ENV_FILE="$dir/none" \
        RABBITMQ_CONFIG_FILE="$dir/rabbitmq.conf" \
        RABBITMQ_ADVANCED_CONFIG_FILE="$dir/advanced.config" \
        RABBITMQ_ENABLED_PLUGINS_FILE="$dir/enabled_plugins" \
        RABBITMQ_MNESIA_BASE="$dir/data" \
        RABBITMQ_LOG_BASE="$dir/log" \
        RABBITMQ_LOGS="$dir/log/broker.log" \
        RABBITMQ_DIST_PORT="$(cat "$dir/dist-port")" \
        RABBITMQ_CTL_DIST_PORT_MIN="$lowest_port" RABBITMQ_CTL_DIST_PORT_MAX="$highest_port" \
        RABBITMQ_CTL_ERL_ARGS="$on_loopback" \
        RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS="$on_loopback +sbwt none +sbwtdcpu none +sbwtdio none" \
        "$@"
}

write_configuration() {
    local port=$1
    {
        echo "listeners.tcp.1 = 127.0.0.1:$port"
        echo "disk_free_limit.absolute = 100MB"
        # The write-ahead log of the quorum queues: the default of 512 MB suits a large server.
        echo "raft.wal_max_size_bytes = 67108864"
        # Our own limit is 64 KiB, and up to here what is larger is a dead letter (too_large).
        echo "max_message_size = 2097152"
        echo "log.file.level = info"
        [ ! -f "$dir/definitions.json" ] || echo "load_definitions = $dir/definitions.json"
        # TLS listeners and the like, for whoever needs them (tests).
        [ ! -f "$dir/extra.conf" ] || cat "$dir/extra.conf"
    } >"$dir/rabbitmq.conf"
    echo "[]." >"$dir/advanced.config"
    # None, but what a test asked for.
    [ -f "$dir/enabled_plugins" ] || echo "[]." >"$dir/enabled_plugins"
    if [ ! -f "$dir/home/.erlang.cookie" ]; then
        (umask 377; od -An -N24 -tx1 /dev/urandom | tr -d ' \n' >"$dir/home/.erlang.cookie")
    fi
}

# The broker answers a protocol header with connection.start, a method frame (type 1).
speaks_amqp() {
    local first
    first=$(timeout 5 bash -c "exec 3<>/dev/tcp/127.0.0.1/$1 && printf 'AMQP\0\0\11\1' >&3 &&
        head -c 1 <&3 | od -An -tu1" 2>/dev/null) && [ "${first// /}" = 1 ]
}

# Succeeds when it listens; fails when the process ended, or did not get ready in time.
await_listening() {
    local port=$1 pid=$2 deadline=$((SECONDS + start_seconds))
    while [ $SECONDS -lt $deadline ]; do
        [ -d "/proc/$pid" ] || return 1
        speaks_amqp "$port" && return 0
        sleep 0.1
    done
    return 1
}

launch() {
    local port=$1
    free_port >"$dir/epmd-port"
    free_port >"$dir/dist-port"
    write_configuration "$port"
    { detach "$dir/log/startup.log"; exec setsid epmd -port "$(cat "$dir/epmd-port")" -address 127.0.0.1; } &
    echo $! >"$dir/epmd-pid"
    # `detached` makes the script exec the VM, so that the pid is the node's own.
    { detach "$dir/log/startup.log"; with_environment detached=1 setsid "$bin/rabbitmq-server"; } &
    echo $! >"$dir/pid"
    await_listening "$port" "$(cat "$dir/pid")"
}

start() {
    local port attempt
    [ -x "$bin/rabbitmq-server" ] ||
        fail "RabbitMQ is not installed; 'apt-get install rabbitmq-server' brings it"
    if server_pid >/dev/null; then
        echo "already running on port $(cat "$dir/amqp-port")"
        return
    fi
    for attempt in $(seq $start_attempts); do
        stop
        port=${1:-$(free_port)}
        await_free "$port"
        if launch "$port"; then
            echo "$port" >"$dir/amqp-port"
            printf '%s\n' "AMQP_PORT=$port" "AMQP_URL=amqp://guest:guest@127.0.0.1:$port/" \
                "NODE=$node" "PID=$(cat "$dir/pid")" >"$dir/env"
            echo "listening on 127.0.0.1:$port"
            return
        fi
    done
    tail -n 20 "$dir/log/startup.log" "$dir/log/broker.log" >&2 2>/dev/null || true
    stop
    fail "the node did not start after $start_attempts attempts; its log is $dir/log/broker.log"
}

end_process() {
    local find=$1 pid deadline=$((SECONDS + stop_seconds))
    pid=$($find) || return 0
    kill -TERM "$pid" 2>/dev/null || true
    kill -CONT "$pid" 2>/dev/null || true
    while [ $SECONDS -lt $deadline ]; do
        $find >/dev/null || return 0
        sleep 0.05
    done
    kill -KILL "$pid" 2>/dev/null || true
}

stop() {
    end_process server_pid
    end_process epmd_pid
    rm -f "$dir/pid" "$dir/epmd-pid" "$dir/env"
}

[ $# -ge 2 ] || usage
command=$1
mkdir -p "$2/home" "$2/data" "$2/log"
dir=$(cd "$2" && pwd -P)
node="refund-$(printf '%s' "$dir" | cksum | cut -d ' ' -f 1)@localhost"
shift 2
case $command in
start | stop)
    exec 9>"$dir/lock"
    flock -w 120 9 || fail "another broker.sh is busy with $dir"
    "$command" "$@"
    ;;
status) server_pid >/dev/null ;;
ctl)
    server_pid >/dev/null || fail "the node of $dir is not running"
    (with_environment "$bin/rabbitmqctl" --quiet "$@")
    ;;
*) usage ;;
esac
