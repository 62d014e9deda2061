#!/usr/bin/env bash
# Runs once before the broker, in the rabbitmq image: makes a password for every user, the broker's
# definitions with their hashes, and for each service a volume that holds its own secrets and
# nobody else's: /deliver/<service>/amqp-url, for the orchestrator and the operator `api-token` too.
set -euo pipefail
readonly refund=10001 rabbitmq=999

/setup/with-passwords.sh /setup/definitions.json /secrets /definitions/definitions.json
chown $rabbitmq /definitions/definitions.json

deliver() {
    (umask 077; cat >"$1.new")
    chown $refund "$1.new"
    mv "$1.new" "$1"
}
token=/secrets/api-token
[ -s $token ] || (umask 077; head -c 24 /dev/urandom | od -An -v -tx1 | tr -d ' \n' >$token)
for place in /deliver/*; do
    user=${place##*/}
    echo "amqp://$user:$(cat "/secrets/$user")@rabbitmq:5672/" | deliver "$place/amqp-url"
    case $user in orchestrator | operator) deliver "$place/api-token" <$token ;; esac
    chown $refund "$place"
done
