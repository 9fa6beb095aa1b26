#!/bin/sh
# Tests the package for Windows as far as possible on Linux: runs the Rust tests of core
# and server under wine, and links the package's DLL as R on Windows does.
# Usage: sh tools/systems/windows.sh TARGET_DIR
# Creates a Debian 13 tree in TARGET_DIR/systems/windows, which later runs reuse, and
# writes the results to TARGET_DIR/systems/rows/windows.tsv.
set -eu

target_dir=${1:?"Usage: sh tools/systems/windows.sh TARGET_DIR"}
if [ "$(id -u)" != 0 ]; then
  echo "The Windows tests create a Debian tree with debootstrap and chroot: run them as root." >&2
  exit 1
fi
if ! command -v debootstrap >/dev/null 2>&1; then
  echo "The Windows tests need debootstrap: apt-get install debootstrap." >&2
  exit 1
fi

# Mounts and processes in a separate namespace always end with it.
if [ -z "${OPENAISTREAM_NAMESPACE:-}" ]; then
  OPENAISTREAM_NAMESPACE=1 exec unshare --mount --propagation private --pid --fork \
    --kill-child sh "$0" "$target_dir"
fi

package=$(cd "$(dirname "$0")/../.." && pwd)
mkdir -p "$target_dir/systems/rows"
target_dir=$(cd "$target_dir" && pwd)
tree=$target_dir/systems/windows
rows=$target_dir/systems/rows/windows.tsv
registry=${CARGO_HOME:-$HOME/.cargo}/registry

if [ ! -e "$tree/etc/debian_version" ]; then
  debootstrap --variant=minbase --include=ca-certificates trixie "$tree" \
    http://deb.debian.org/debian
fi

mkdir -p "$tree/package" "$tree/root/.cargo/registry" "$registry"
mount -t proc proc "$tree/proc"
mount --rbind /dev "$tree/dev"
mount --bind "$registry" "$tree/root/.cargo/registry"
mount --bind "$package" "$tree/package"
mount -o remount,bind,ro "$tree/package"
# This machine's settings for name resolution, apt and TLS.
cp /etc/hosts /etc/resolv.conf "$tree/etc/"
cp -n /etc/apt/apt.conf.d/* "$tree/etc/apt/apt.conf.d/" 2>/dev/null || true
mkdir -p "$tree/usr/local/share/ca-certificates"
cp /etc/ssl/certs/ca-certificates.crt "$tree/usr/local/share/ca-certificates/machine.pem"

in_tree() {
  env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 \
    DEBIAN_FRONTEND=noninteractive \
    SSL_CERT_FILE=/usr/local/share/ca-certificates/machine.pem \
    CARGO_HTTP_CAINFO=/usr/local/share/ca-certificates/machine.pem \
    chroot "$tree" "$@"
}

tools="cargo rustc rust-src gcc gcc-mingw-w64-x86-64 wine wine64 r-base-core"
# shellcheck disable=SC2086
if ! in_tree dpkg-query -W $tools >/dev/null 2>&1; then
  in_tree apt-get update -q
  in_tree apt-get install -y -q --no-install-recommends $tools
fi

cp "$package/tools/systems/windows_tests.sh" "$package/tools/systems/windows_link.sh" \
  "$package/tools/systems/windows_toolchain.sh" "$tree/root/"

rust=$(in_tree rustc --version | cut -d ' ' -f 2)
wine=$(in_tree wine --version | sed 's/^wine-\([0-9.]*\).*/\1/')
: >"$rows"
status=0
for what in "core and server tests=windows_tests.sh" "link of the DLL=windows_link.sh"; do
  script=${what#*=}
  log=$target_dir/systems/${script%.sh}.log
  echo "Windows: ${what%=*}, log in $log"
  if in_tree sh "/root/$script" >"$log" 2>&1; then
    result=$(tail -n 1 "$log")
  else
    status=1
    tail -n 40 "$log"
    result="FAILED: $(tail -n 1 "$log")"
  fi
  printf 'Windows (wine %s)\t-\t%s\t%s\t%s\n' "$wine" "$rust" "${what%=*}" "$result" |
    tee -a "$rows"
done
exit "$status"
