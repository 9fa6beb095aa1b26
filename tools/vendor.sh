#!/bin/sh
# Writes the sources of the crates that the library is built from to
# tools/vendor.tar.xz, so that the package built afterwards by `R CMD build` can
# be installed without a network. Needs the R package jsonlite.
set -eu
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# The configuration refers to the folder after unpacking.
cargo vendor --locked --versioned-dirs --quiet "$work/vendor" >/dev/null
Rscript tools/vendor.R "$work/vendor"
tar -cf - -C "$work" vendor | xz -9e >tools/vendor.tar.xz
ls -lh tools/vendor.tar.xz
