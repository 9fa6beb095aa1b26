#!/bin/sh
# Compiles the crates with the minimum Rust version that Cargo.toml declares. The compiler comes
# from Debian 12's archive and is unpacked in the target directory; nothing is installed.
# Usage: sh tools/check_rust_version.sh TARGET_DIR
set -eu

target_dir=${1:?"Usage: sh tools/check_rust_version.sh TARGET_DIR"}
declared=$(sed -n 's/^rust-version = "\(.*\)"$/\1/p' Cargo.toml)
mkdir -p "$target_dir/rust-$declared"
folder=$(cd "$target_dir/rust-$declared" && pwd)
tree=$folder/tree

on_debian_12() {
  # shellcheck disable=SC1091
  [ -r /etc/os-release ] && (. /etc/os-release && [ "${ID:-} ${VERSION_ID:-}" = "debian 12" ])
}

archive_version() {
  apt-cache madison rustc-web 2>/dev/null | cut -d '|' -f 2 | tr -d ' ' |
    grep "^$declared\." | head -n 1 || true
}

# The packages that apt would install: the compiler, and missing libraries that it needs.
unpack() {
  of_rust="rustc-web=$1 cargo-web=$1 libstd-rust-web-dev=$1 libstd-rust-web-$declared=$1"
  rm -rf "$folder/packages" "$tree"
  mkdir -p "$folder/packages" "$tree"
  # shellcheck disable=SC2086
  libraries=$(apt-get install --simulate --allow-downgrades --no-install-recommends $of_rust |
    sed -n 's/^Inst \(lib[^ ]*\) .*/\1/p' | grep -v '^libstd-rust-web' || true)
  # shellcheck disable=SC2086
  (cd "$folder/packages" && apt-get download -qq -o APT::Sandbox::User=root $of_rust $libraries)
  for package in "$folder/packages"/*.deb; do
    dpkg -x "$package" "$tree"
  done
  rm -r "$folder/packages"
  touch "$folder/unpacked"
}

if [ ! -e "$folder/unpacked" ]; then
  version=$(archive_version)
  if [ -z "$version" ] && on_debian_12; then
    apt-get update -qq
    version=$(archive_version)
  fi
  if [ -z "$version" ]; then
    if on_debian_12; then
      echo "apt does not have rustc-web $declared, which should be in Debian 12's archive." >&2
      exit 1
    fi
    echo "SKIPPED: the check with Rust $declared needs Debian 12, whose archive has it." >&2
    exit 0
  fi
  unpack "$version"
fi

LD_LIBRARY_PATH="$tree/usr/lib:$(echo "$tree"/usr/lib/*-linux-gnu)"
RUSTC=$tree/usr/bin/rustc
export LD_LIBRARY_PATH RUSTC
"$RUSTC" --version
"$tree/usr/bin/cargo" check --locked --workspace --lib --target-dir "$folder/target"
