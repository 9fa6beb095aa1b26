#!/bin/sh
# Checks that a package with vendored crates meets CRAN's rules: it has at most
# 10 MB, installs without a network, and writes nothing to the home directory.
# Usage: sh tools/check_offline.sh openaistream_1.0.0.tar.gz
set -eu
package=$(realpath "$1")
max_bytes=10000000

bytes=$(wc -c <"$package")
echo "$(basename "$package") has $bytes bytes; the limit is $max_bytes."
[ "$bytes" -le "$max_bytes" ] || exit 1
if ! tar -tzf "$package" | grep '/tools/vendor.tar.xz$' >/dev/null; then
  echo "It has no vendored crates: run tools/vendor.sh before R CMD build." >&2
  exit 1
fi
if ! unshare --map-root-user --net true 2>/dev/null; then
  echo "The installation without a network was not tested: it needs unshare (Linux)." >&2
  exit 1
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/home" "$work/library" "$work/tmp"
# If rustup installed Rust, cargo looks for its toolchain here.
RUSTUP_HOME=${RUSTUP_HOME:-$HOME/.rustup}
export RUSTUP_HOME
unset CARGO_HOME CARGO_TARGET_DIR
libraries=$(Rscript -e 'cat(.libPaths(), sep = ":")')
start=$(date +%s)
HOME="$work/home" TMPDIR="$work/tmp" R_LIBS="$libraries" \
  unshare --map-root-user --net R CMD INSTALL --library="$work/library" "$package" \
  >"$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }
grep -E '^using (cargo|rustc)' "$work/log"
echo "Installed without a network in $(($(date +%s) - start)) s."

left=$(find "$work/home" "$work/tmp" -mindepth 1)
if [ -n "$left" ]; then
  echo "The installation left these files behind:" >&2
  echo "$left" >&2
  exit 1
fi
