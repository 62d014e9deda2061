#!/usr/bin/env bash
# run.sh run    installs, builds, starts a private RabbitMQ and every service on loopback, refunds
#               the samples and shows what became of them; then stays up until interrupted
# run.sh demo   the same, checks the outcomes, stops; exit status 0 or 1
#
# Everything it writes is under .run/ (logs in .run/log). Nothing else on the machine is touched.
set -euo pipefail
cd "$(dirname "$0")/../.."
root=$PWD
run=$root/.run
. deploy/local/services.sh

# Seconds. What is not ready by then is reported, and everything stopped.
readonly ready_seconds=60

mode=${1:-}
case $mode in run | demo) ;; *) sed -n '2,6s/^# \?//p' "$0" >&2; exit 2 ;; esac

mkdir -p "$run"/{broker,data,log,pids}
exec 9>>"$run/lock"
flock -n 9 || fail "another 'make run' or 'make demo' is using $run; stop it first (Ctrl-C)"

say "Looking for what is missing"
deploy/local/install.sh 9>&-

say "Building in release (the first time takes minutes; progress follows)"
swift build -c release 9>&-
bin=$(swift build -c release --show-bin-path 9>&-)

trap 'interrupted' INT TERM HUP
trap 'stop_everything' EXIT
stop_leftovers
rm -f "$run"/log/*.log

say "Starting a private RabbitMQ"
deploy/rabbitmq/with-passwords.sh deploy/rabbitmq/definitions.json "$run/secrets" \
    "$run/broker/definitions.json"
[ -s "$run/secrets/api-token" ] || new_secret "$run/secrets/api-token"
deploy/local/broker.sh start "$run/broker" 9>&-
amqp_port=$(cat "$run/broker/amqp-port")
choose_ports
write_environment
write_wrapper

say "Starting ${#services[@]} services"
for service in "${services[@]}"; do start_service "$service"; done
await_ready "$ready_seconds"

say "Refunding the samples"
check=()
[ "$mode" = run ] || check=(--check)
"$run/refundctl" demo "$root/deploy/local/samples" "${check[@]}" 9>&- &
demo=$!
supervise_until "$demo" && status=0 || status=$?

if [ "$mode" = demo ]; then
    [ "$status" = 0 ] && say "Every outcome is as expected" || say "The demo failed"
    exit "$status"
fi
[ "$status" = 0 ] || say "The samples did not run through; the services' logs are in .run/log"
cat <<TEXT

Everything stays up. In another terminal:
  .run/refundctl --help                  everything that can be asked and done
  .run/refundctl publish FILE            your own messages, one JSON object a line
  .run/refundctl queues                  what waits where
Metrics and health: the ports are in .run/env. Logs: .run/log. Stop with Ctrl-C.
TEXT
supervise_until none
