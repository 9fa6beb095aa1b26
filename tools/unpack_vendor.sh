#!/bin/sh
# Unpacks tools/vendor.tar.xz into the folder that is given and makes a
# CARGO_HOME there that uses nothing else. Run by src/Makevars, from src/.
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
