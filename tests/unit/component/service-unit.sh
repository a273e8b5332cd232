#!/bin/sh
# SPDX-License-Identifier: MIT
# Usage: service-unit.sh UNIT PROGRAM. systemd has nothing to say against the unit, with the program where it will be.
set -eu
if ! command -v systemd-analyze >/dev/null; then
    echo "ok 1 systemd-analyze verify # SKIP systemd-analyze is not installed"
    echo "1..1"
    exit 0
fi
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
program=$(realpath "$2")
sed "s,^ExecStart=[^ ]*/stoxd ,ExecStart=$program ," "$1" >"$directory/stoxd.service"
grep -q "^ExecStart=$program run\$" "$directory/stoxd.service" || { echo "not ok 1 ExecStart is \`stoxd run\`"; echo "1..1"; exit 0; }
said=$(systemd-analyze verify --man=no "$directory/stoxd.service" 2>&1) && [ -z "$said" ] && echo "ok 1 systemd-analyze verify" ||
    { echo "not ok 1 systemd-analyze verify"; echo "$said" | sed 's/^/# /'; }
echo "1..1"
