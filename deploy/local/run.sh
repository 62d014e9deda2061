#!/usr/bin/env bash
# run.sh run    installs, builds, starts a private RabbitMQ and every service on loopback, refunds
#               the samples and shows what became of them; then stays up until interrupted
# run.sh demo   the same, checks the outcomes, stops; exit status 0 or 1
# run.sh bench  builds, and measures everything on brokers and databases of its own; arguments go to
#               `refund-bench refunds` (see its --help). Results are in .run/bench
#
# Everything it writes is under .run/ (logs in .run/log), but the measurement's broker and PostgreSQL,
# which are in $TMPDIR and removed. Nothing else on the machine is touched.
set -euo pipefail
cd "$(dirname "$0")/../.."
root=$PWD
run=$root/.run
. deploy/local/services.sh

# Seconds. What is not ready by then is reported, and everything stopped.
readonly ready_seconds=60

mode=${1:-}
case $mode in run | demo | bench) ;; *) sed -n '2,9s/^# \?//p' "$0" >&2; exit 2 ;; esac

mkdir -p "$run"
exec 9>>"$run/lock"
flock -n 9 || fail "another 'make run', 'demo' or 'bench' is using $run; stop it first (Ctrl-C)"
mkdir -p "$run"/{broker,data,log,pids}

say "Looking for what is missing"
deploy/local/install.sh 9>&-

say "Building in release (the first time takes minutes; progress follows)"
swift build -c release --static-swift-stdlib 9>&-
bin=$(swift build -c release --static-swift-stdlib --show-bin-path 9>&-)

# It ends what it starts, however it ends, and keeps the lock.
[ "$mode" != bench ] || exec "$bin/refund-bench" refunds --directory "$run/bench" "${@:2}"

trap 'interrupted' INT TERM HUP
trap 'stop_everything' EXIT
stop_leftovers
rm -f "$run"/log/*.log

say "Starting a private RabbitMQ"
deploy/rabbitmq/with-passwords.sh deploy/rabbitmq/definitions.json "$run/secrets" \
    "$run/broker/definitions.json"
write_tokens
# Not where speed is measured: the plugin takes some of it.
rm -f "$run/broker/enabled_plugins" "$run/broker/extra.conf"
[ "$mode" != run ] || enable_management
deploy/local/broker.sh start "$run/broker" 9>&-
amqp_port=$(cat "$run/broker/amqp-port")
start_database
choose_ports
write_environment
write_wrapper

say "Starting ${#services[@]} services"
for service in "${services[@]}"; do start_service "$service"; done
await_ready "$ready_seconds"

case $mode in
demo)
    say "Refunding the samples"
    "$run/refundctl" demo "$root/deploy/local/samples" --check 9>&- &
    ;;
run)
    say "Refunding the samples"
    "$run/refundctl" demo "$root/deploy/local/samples" 9>&- &
    ;;
esac
task=$!
supervise_until "$task" && status=0 || status=$?

case "$mode $status" in
"demo 0") say "Every outcome is as expected" ;;
"demo "*) say "The demo failed (exit status $status)" ;;
esac
[ "$mode" = run ] || exit "$status"
[ "$status" = 0 ] || say "The samples did not run through; the services' logs are in .run/log"
cat <<TEXT

Everything stays up. In another terminal:
  .run/refundctl --help                  everything that can be asked and done
  .run/refundctl publish FILE            your own messages, one JSON object a line
  .run/refundctl queues                  what waits where
Metrics and health: the ports are in .run/env. Logs: .run/log. Stop with Ctrl-C.
TEXT
supervise_until none
