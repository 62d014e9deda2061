#!/usr/bin/env bash
# Runs once before the broker, in the rabbitmq image: makes a password for every user, the broker's
# definitions with their hashes, and for each service a volume that holds its own secrets and
# nobody else's: /deliver/<service>/amqp-url; for the operators' tools also `api-token` and
# `api-token-second` (a second person's), for the orchestrator `api-tokens` with their hashes.
set -euo pipefail
readonly refund=10001 rabbitmq=999

/setup/with-passwords.sh /setup/definitions.json /secrets /definitions/definitions.json
chown $rabbitmq /definitions/definitions.json

deliver() {
    (umask 077; cat >"$1.new")
    chown $refund "$1.new"
    mv "$1.new" "$1"
}
while read -r name role file; do
    token=/secrets/$file
    [ -s "$token" ] || (umask 077; head -c 24 /dev/urandom | od -An -v -tx1 | tr -d ' \n' >"$token")
    echo "$name $role $(sha256sum <"$token" | cut -c 1-64)"
done >/secrets/api-tokens <<TEXT
operator operator api-token
second-operator operator api-token-second
TEXT
for place in /deliver/*; do
    user=${place##*/}
    echo "amqp://$user:$(cat "/secrets/$user")@rabbitmq:5672/" | deliver "$place/amqp-url"
    case $user in
    orchestrator | dead-letters) deliver "$place/api-tokens" </secrets/api-tokens ;;
    operator)
        deliver "$place/api-token" </secrets/api-token
        deliver "$place/api-token-second" </secrets/api-token-second
        ;;
    esac
    chown $refund "$place"
done
