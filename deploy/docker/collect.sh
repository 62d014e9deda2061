#!/usr/bin/env bash
# collect.sh BIN OUT: the programs, stripped, in OUT/bin, and the parts of Swift's runtime that they
# load in OUT/bin too: they look for libraries beside themselves ($ORIGIN).
set -euo pipefail
bin=$1 out=$2
readonly programs=(
    certificates pca gateway notifications monitoring repository deployment orchestrator
    dead-letters payment-webhook refundctl)
mkdir -p "$out/bin"
for program in "${programs[@]}"; do install -s -m 0755 "$bin/$program" "$out/bin/"; done
ldd "${programs[@]/#/$bin/}" | sed -nE 's|.*=> (/.*/swift/linux/[^ ]+) .*|\1|p' | sort -u |
    xargs -I{} install -m 0644 {} "$out/bin/"
