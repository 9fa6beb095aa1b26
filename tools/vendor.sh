#!/bin/sh
# Puts the sources of all crates into tools/vendor.tar.xz, so that the package
# that `R CMD build` makes afterwards can be installed without a network.
set -eu
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# The configuration names the folder as it will be unpacked.
cargo vendor --locked --quiet "$work/vendor" >/dev/null
tar -cJf tools/vendor.tar.xz -C "$work" vendor
ls -lh tools/vendor.tar.xz
