#!/bin/sh
# Unpacks tools/vendor.tar.xz into the given folder and creates a CARGO_HOME there
# that uses only these crates. Run by src/Makevars, from src/.
set -eu
mkdir -p "$1/cargo-home"
folder=$(cd "$1" && pwd)
tar -xJf ../tools/vendor.tar.xz -C "$folder"
cat >"$folder/cargo-home/config.toml" <<END
[source.crates-io]
replace-with = "vendored-sources"

[source.vendored-sources]
directory = "$folder/vendor"

[net]
offline = true
END
