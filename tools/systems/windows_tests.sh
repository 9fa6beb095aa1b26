#!/bin/sh
# Runs the Rust tests of core and server under wine, in the tree of windows.sh. The last
# line of its output is the number of passed tests.
set -eu
. /root/windows_toolchain.sh

start_objects
wineboot --init
wineserver --wait
output=$(mktemp)
status=0
cargo_for_windows test --no-fail-fast --package openaistream-core \
  --package openaistream-server >"$output" 2>&1 || status=$?
cat "$output"
awk '/^test result:/ { passed += $4; failed += $6; ignored += $8 }
  END { printf "%d passed", passed; if (failed) printf ", %d failed", failed; print "" }' \
  "$output"
exit "$status"
