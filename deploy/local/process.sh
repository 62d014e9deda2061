# What the scripts of private servers share: free ports, pid files, background processes. Sourced.

# Below Linux's ephemeral ports, so that no outgoing connection takes one between choice and bind. The
# tests take theirs from 27000 up.
readonly lowest_port=20000 highest_port=26999

readonly free_seconds=10

fail() { echo "${0##*/}: $*" >&2; exit 1; }

# Whether anyone listens there (state 0A), as the kernel tells it: needs no tool that may be missing.
port_is_taken() {
    local hex; hex=$(printf '%04X' "$1")
    awk -v port="$hex" '{ split($2, at, ":"); if (at[2] == port && $4 == "0A") found = 1 } END { exit !found }' \
        /proc/net/tcp /proc/net/tcp6 2>/dev/null
}

# await_free PORT: a process that was killed keeps its port until the kernel has ended it.
await_free() {
    local deadline=$((SECONDS + free_seconds))
    while port_is_taken "$1"; do
        [ $SECONDS -lt $deadline ] || fail "port $1 is taken by another process"
        sleep 0.05
    done
}

free_port() {
    local port
    for _ in $(seq 200); do
        port=$((lowest_port + (RANDOM * 32768 + RANDOM) % (highest_port - lowest_port + 1)))
        port_is_taken "$port" || { echo "$port"; return; }
    done
    fail "no free port between $lowest_port and $highest_port"
}

# pid_of FILE ARGUMENT: a pid file may outlive its process, and the number be another's by now, so the
# process must have that argument.
pid_of() {
    local pid arguments
    pid=$(cat "$1" 2>/dev/null) || return 1
    arguments=$(tr '\0' ' ' 2>/dev/null <"/proc/${pid:-none}/cmdline") || return 1
    [[ $arguments == *"$2"* ]] && echo "$pid"
}

# detach LOG: for the background, which may hold neither the lock nor a pipe somebody reads to its end.
detach() {
    local descriptor
    exec </dev/null >>"$1" 2>&1
    for descriptor in $(ls /proc/self/fd); do
        [ "$descriptor" -le 2 ] || eval "exec $descriptor>&-"
    done
}
