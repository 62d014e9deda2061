#!/usr/bin/env bash
# with-passwords.sh DEFINITIONS SECRETS OUT
#
# definitions.json holds every user without a password (`"password_hash": ""`, which lets nobody
# log in), because a repository is no place for secrets. This completes it for one installation:
# SECRETS/<user> is that user's password, made at random where it is missing and kept where it is
# there; OUT is the definitions with the salted hash of each, for the broker's `load_definitions`.
# The hash is RabbitMQ's own: base64(salt + sha256(salt + password)), salt of 4 bytes.
# Needs bash and coreutils only, so that it runs inside the rabbitmq image too.
set -euo pipefail
[ $# -eq 3 ] || { echo "usage: with-passwords.sh DEFINITIONS SECRETS OUT" >&2; exit 2; }
definitions=$1 secrets=$2 out=$3
umask 077
mkdir -p "$secrets"

hex() { od -An -v -tx1 | tr -d ' \n'; }
bytes() { printf '%b' "$(sed 's/../\\x&/g' <<<"$1")"; }

script=
while read -r user; do
    if [ ! -s "$secrets/$user" ]; then
        head -c 24 /dev/urandom | hex >"$secrets/$user.new"
        mv "$secrets/$user.new" "$secrets/$user"
    fi
    salt=$(head -c 4 /dev/urandom | hex)
    digest=$({ bytes "$salt"; printf %s "$(cat "$secrets/$user")"; } | sha256sum | cut -c1-64)
    hash=$(bytes "$salt$digest" | base64 | tr -d '\n')
    script+="s|(\"name\": \"$user\", \"password_hash\": \")\"|\\1$hash\"|;"
done < <(sed -nE 's/.*"name": "([^"]+)", "password_hash": "".*/\1/p' "$definitions")
sed -E "$script" "$definitions" >"$out.new"
mv "$out.new" "$out"
