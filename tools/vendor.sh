#!/bin/sh
# Puts the sources of the crates that the library is built from into
# tools/vendor.tar.xz, so that the package that `R CMD build` makes afterwards
# can be installed without a network. Needs the R package jsonlite.
set -eu
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# The configuration names the folder as it will be unpacked.
cargo vendor --locked --versioned-dirs --quiet "$work/vendor" >/dev/null
Rscript tools/vendor.R "$work/vendor"
tar -cf - -C "$work" vendor | xz -9e >tools/vendor.tar.xz
ls -lh tools/vendor.tar.xz
