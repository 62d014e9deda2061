#!/usr/bin/env bash
# Installs what building and running need and the machine lacks (Debian, Ubuntu). Says what it does;
# does nothing where all is there. RabbitMQ's system service is neither started nor enabled: the
# private node of `make run` uses the program alone. The same holds for PostgreSQL's server, which
# `install.sh postgres` brings. `install.sh test`: what the tests need, too.
set -euo pipefail

# libpq: PostgreSQL's client; pkg-config finds it. libcurl: Swift's statically linked URLSession, which
# refundctl uses. openssl: the certificates of the tests. tzdata: the policy's time zone.
packages=(
    librabbitmq-dev libsqlite3-dev libpq-dev pkg-config libcurl4-openssl-dev openssl rabbitmq-server
    tzdata)
# Peers of the tests that are written in Python (localstripe, from PyPI) get an environment of their own.
case ${1:-} in
test) packages+=(python3-venv postgresql) ;;
postgres) packages+=(postgresql) ;;
esac
readonly packages policy=/usr/sbin/policy-rc.d

fail() { echo "install.sh: $*" >&2; exit 1; }

command -v swift >/dev/null ||
    fail "there is no Swift on the PATH; install Swift 6.2 or newer from https://www.swift.org/install/linux"

is_installed() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

missing=()
command -v dpkg-query >/dev/null ||
    fail "this is no Debian or Ubuntu; install ${packages[*]} (or what they are called here) by hand"
for package in "${packages[@]}"; do is_installed "$package" || missing+=("$package"); done
[ ${#missing[@]} -gt 0 ] || exit 0

as_root=()
if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null ||
        fail "${missing[*]} must be installed, and neither root nor sudo is here; run as root: apt-get install ${missing[*]}"
    as_root=(sudo)
fi

echo "Installing ${missing[*]} (apt-get)"
# What the packages' scripts ask: whether they may start services, and whether PostgreSQL makes a
# cluster for the whole machine. Existing files are the administrator's, and stay.
readonly clusters=/etc/postgresql-common/createcluster.d/refund-workers.conf
made=()
trap '"${as_root[@]}" rm -f "${made[@]}"' EXIT
answer() {
    [ ! -e "$1" ] || return 0
    made+=("$1")
    "${as_root[@]}" mkdir -p "$(dirname "$1")"
    "${as_root[@]}" tee "$1" >/dev/null
    "${as_root[@]}" chmod "$2" "$1"
}
answer $policy 755 <<<$'#!/bin/sh\nexit 101'
[[ " ${missing[*]} " != *" postgresql "* ]] || answer $clusters 644 <<<"create_main_cluster = false"
apt_get() { "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q "$@"; }
apt_get update ||
    fail "the package lists could not be fetched; connect this machine to its Debian mirror, or install ${missing[*]} by hand"
apt_get install -y --no-install-recommends "${missing[@]}" ||
    fail "apt-get could not install ${missing[*]}; its messages are above"
if [[ " ${missing[*]} " == *" rabbitmq-server "* ]] && [ -d /run/systemd/system ]; then
    "${as_root[@]}" systemctl disable --quiet rabbitmq-server || true
fi
