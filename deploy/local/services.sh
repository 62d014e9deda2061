# The services of `make run`: starting, watching and stopping them. Sourced by run.sh, which sets
# run, root, bin and amqp_port.

services=(certificates pca gateway notifications monitoring repository deployment orchestrator dead-letters)
# It is of use only with the signing secret of a webhook endpoint at Stripe.
[ -z "${STRIPE_WEBHOOK_SECRET_FILE:-}" ] || services+=(payment-webhook)
readonly services

# A service that falls again within `steady_seconds` of its start, `quick_falls_allowed` times in a
# row, will not get better by being started again.
readonly steady_seconds=10 quick_falls_allowed=5
# Longer than the drain time of a service.
readonly stop_seconds=20
# Wrong usage and wrong configuration (sysexits.h): starting again would change nothing.
readonly hopeless=(64 78)
# Below Linux's ephemeral ports, so that no outgoing connection takes one between choice and bind.
readonly lowest_port=20000 highest_port=32767

declare -A pid_of port_of started_at quick_falls

say() { printf '\n==> %s\n' "$*"; }
fail() { echo "make run: $*" >&2; exit 1; }

new_secret() { (umask 077; head -c 24 /dev/urandom | od -An -v -tx1 | tr -d ' \n' >"$1"); }

# Who may use the HTTP APIs: a token for each of two operators and a reader, and for the services the
# file of their hashes.
write_tokens() {
    local name role file
    while read -r name role file; do
        [ -s "$run/secrets/$file" ] || new_secret "$run/secrets/$file"
        echo "$name $role $(sha256sum <"$run/secrets/$file" | cut -c 1-64)"
    done >"$run/secrets/api-tokens" <<TEXT
operator operator api-token
second-operator operator api-token-second
reader reader api-token-reader
TEXT
}

. deploy/local/database.sh

port_is_free() { ! (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

choose_ports() {
    local service port next=$((lowest_port + RANDOM % 10000))
    for service in "${services[@]}"; do
        for ((port = next; port <= highest_port; port++)); do port_is_free "$port" && break; done
        [ "$port" -le "$highest_port" ] || fail "no free port between $lowest_port and $highest_port"
        port_of[$service]=$port
        next=$((port + 1))
    done
}

# The broker's management API, on loopback, for `refundctl queues`.
enable_management() {
    management_port=$((lowest_port + 10000 + RANDOM % (highest_port - lowest_port - 10000)))
    until port_is_free "$management_port"; do management_port=$((management_port + 1)); done
    echo '[rabbitmq_management].' >"$run/broker/enabled_plugins"
    printf 'management.tcp.ip = 127.0.0.1\nmanagement.tcp.port = %s\n' "$management_port" \
        >"$run/broker/extra.conf"
}

# Each service reads its broker URL, with its password, from a file of its own.
write_environment() {
    local user
    (umask 077; mkdir -p "$run/urls"
        for user in "${services[@]}" operator; do
            echo "amqp://$user:$(cat "$run/secrets/$user")@127.0.0.1:$amqp_port/" >"$run/urls/$user"
        done)
    {
        echo "AMQP_PORT=$amqp_port"
        for service in "${services[@]}"; do
            echo "$(tr 'a-z-' 'A-Z_' <<<"$service")_PORT=${port_of[$service]}"
        done
    } >"$run/env"
}

# .run/refundctl: the operator's command with this installation's addresses and secrets.
write_wrapper() {
    cat >"$run/refundctl" <<TEXT
#!/bin/sh
run=\$(CDPATH= cd -- "\$(dirname -- "\$0")" && pwd)
AMQP_URL_FILE=\$run/urls/operator
REFUND_API_URL=http://127.0.0.1:${port_of[orchestrator]}
REFUND_DEAD_LETTERS_URL=http://127.0.0.1:${port_of[dead-letters]}
REFUND_MANAGEMENT_URL=${management_port:+http://127.0.0.1:$management_port}
REFUND_METRICS_URLS="$(for service in "${services[@]}"; do printf 'http://127.0.0.1:%s ' "${port_of[$service]}"; done)"
REFUND_API_TOKEN_FILE=\$run/secrets/api-token
REFUND_DEFINITIONS=$root/deploy/rabbitmq/definitions.json
REFUNDCTL=\$0
export AMQP_URL_FILE REFUND_API_URL REFUND_DEAD_LETTERS_URL REFUND_API_TOKEN_FILE REFUND_DEFINITIONS REFUNDCTL
export REFUND_MANAGEMENT_URL REFUND_METRICS_URLS
exec "$bin/refundctl" "\$@"
TEXT
    chmod 755 "$run/refundctl"
}

# The waits are shorter than a production's, so that every ending can be watched.
start_service() {
    local service=$1 variables
    mapfile -t variables < <(database_variables "$service")
    env "${variables[@]}" AMQP_URL_FILE="$run/urls/$service" DATA_DIR="$run/data" HTTP_HOST=127.0.0.1 HTTP_PORT="${port_of[$service]}" \
        LOG_FORMAT=text FACTS_WAIT=3s SETTLEMENT_BUDGET=10s \
        API_TOKEN_FILE="$run/secrets/api-tokens" POLICY_FILE="$root/deploy/refund-policy.yaml" \
        setpriv --pdeathsig TERM "$bin/$service" </dev/null >>"$run/log/$service.log" 2>&1 9>&- &
    pid_of[$service]=$!
    started_at[$service]=$SECONDS
    echo $! >"$run/pids/$service"
}

is_ready() {
    local answer
    answer=$(timeout 2 bash -c "exec 3<>/dev/tcp/127.0.0.1/$1 &&
        printf 'GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' >&3 &&
        head -n 1 <&3" 2>/dev/null) && [[ $answer == *" 200 "* ]]
}

await_ready() {
    local service deadline=$((SECONDS + $1))
    for service in "${services[@]}"; do
        until is_ready "${port_of[$service]}"; do
            [ $SECONDS -lt $deadline ] ||
                { tail -n 5 "$run/log/$service.log" >&2; fail "$service is not ready after $1 s; its log is .run/log/$service.log"; }
            restart_fallen
            sleep 0.1
        done
        printf '    %-14s ready on port %s\n' "$service" "${port_of[$service]}"
    done
}

restart_fallen() {
    local service
    for service in "${services[@]}"; do
        [ -d "/proc/${pid_of[$service]}" ] || restart "$service"
    done
}

restart() {
    local service=$1 status=0
    # Bash would print a line of its own about a process that was killed.
    wait "${pid_of[$service]}" 2>/dev/null || status=$?
    if [[ " ${hopeless[*]} " == *" $status "* ]]; then
        tail -n 3 "$run/log/$service.log" >&2
        fail "$service refuses its configuration (exit status $status); its log is .run/log/$service.log"
    fi
    if [ $((SECONDS - started_at[$service])) -lt $steady_seconds ]; then
        quick_falls[$service]=$((${quick_falls[$service]:-0} + 1))
        [ "${quick_falls[$service]}" -le $quick_falls_allowed ] ||
            { tail -n 5 "$run/log/$service.log" >&2; fail "$service keeps ending (exit status $status); its log is .run/log/$service.log"; }
        sleep 1
    else
        quick_falls[$service]=0
    fi
    echo "    $service ended (exit status $status) and is started again"
    start_service "$service"
}

# Watches the services until that process has ended, and returns its exit status; for ever without.
supervise_until() {
    local status=0
    while true; do
        if [ "$1" != none ] && [ ! -d "/proc/$1" ]; then
            wait "$1" || status=$?
            return $status
        fi
        restart_fallen
        sleep 0.2
    done
}

# An earlier run that was killed may have left services: told by the pid and the program's path.
stop_leftovers() {
    local file pid
    for file in "$run"/pids/*; do
        [ -f "$file" ] || continue
        pid=$(cat "$file")
        case $(readlink "/proc/$pid/exe" 2>/dev/null) in
        "$bin"/* | "$bin"/*' (deleted)') kill -TERM "$pid" 2>/dev/null || true ;;
        esac
        rm -f "$file"
    done
    deploy/local/broker.sh stop "$run/broker" 9>&-
    stop_database
}

interrupted() {
    trap '' INT TERM HUP
    interrupted=yes
    exit 130
}

stop_everything() {
    local status=$? service pid deadline=$((SECONDS + stop_seconds))
    trap - EXIT
    trap '' INT TERM HUP
    say "Stopping"
    [ -z "${task:-}" ] || kill -TERM "$task" 2>/dev/null || true
    for service in "${!pid_of[@]}"; do kill -TERM "${pid_of[$service]}" 2>/dev/null || true; done
    for service in "${!pid_of[@]}"; do
        pid=${pid_of[$service]}
        while [ -d "/proc/$pid" ] && [ $SECONDS -lt $deadline ]; do sleep 0.05; done
        if [ -d "/proc/$pid" ]; then
            echo "    $service did not stop in $stop_seconds s and is killed" >&2
            kill -KILL "$pid" 2>/dev/null || true
        fi
        rm -f "$run/pids/$service"
    done
    deploy/local/broker.sh stop "$run/broker" 9>&- || true
    stop_database || true
    # Interrupting is the ordinary way to end `make run`.
    [ "$mode" != run ] || [ -z "${interrupted:-}" ] || status=0
    exit "$status"
}
