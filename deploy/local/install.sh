#!/usr/bin/env bash
# Installs what building and running need and the machine lacks (Debian, Ubuntu). Says what it does;
# does nothing where all is there. RabbitMQ's system service is neither started nor enabled: the
# private node of `make run` uses the program alone. `install.sh test`: what the tests need, too.
set -euo pipefail

# libcurl: Swift's statically linked URLSession, which refundctl uses. openssl: the certificates of the
# tests. tzdata: the policy's time zone.
packages=(
    librabbitmq-dev libsqlite3-dev libcurl4-openssl-dev openssl rabbitmq-server tzdata)
# Peers of the tests that are written in Python (localstripe, from PyPI) get an environment of their own.
[ "${1:-}" != test ] || packages+=(python3-venv)
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
# The packages' scripts ask this file whether they may start services. An existing one is the
# administrator's, and stays.
if [ ! -e $policy ]; then
    trap '"${as_root[@]}" rm -f $policy' EXIT
    printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee $policy >/dev/null
    "${as_root[@]}" chmod 755 $policy
fi
apt_get() { "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q "$@"; }
apt_get update ||
    fail "the package lists could not be fetched; connect this machine to its Debian mirror, or install ${missing[*]} by hand"
apt_get install -y --no-install-recommends "${missing[@]}" ||
    fail "apt-get could not install ${missing[*]}; its messages are above"
if [[ " ${missing[*]} " == *" rabbitmq-server "* ]] && [ -d /run/systemd/system ]; then
    "${as_root[@]}" systemctl disable --quiet rabbitmq-server || true
fi
