#!/bin/sh
# Installs, tests and checks the package in a Debian tree, with R and Rust from that
# Debian release. Must be run as root.
# Usage: sh tools/systems/debian.sh TARGET_DIR trixie|sid
# Results go to TARGET_DIR/systems/rows/<suite>.tsv, logs to TARGET_DIR/systems/logs.
# OPENAISTREAM_DEBUG=1 builds the package without optimisation, which is faster.
set -eu

# Mounts in a separate namespace end with it.
if [ -z "${OPENAISTREAM_NAMESPACE:-}" ]; then
  OPENAISTREAM_NAMESPACE=1 exec unshare --mount --propagation private sh "$0" "$@"
fi

target_dir=${1:?"Usage: sh tools/systems/debian.sh TARGET_DIR trixie|sid"}
suite=${2:?"Usage: sh tools/systems/debian.sh TARGET_DIR trixie|sid"}
package=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tools/systems/tree.sh
. "$package/tools/systems/tree.sh"
mkdir -p "$target_dir/systems/rows" "$target_dir/systems/logs"
systems=$(cd "$target_dir/systems" && pwd)
tree=$systems/$suite
rows=$systems/rows/$suite.tsv

create_tree "$tree" "$suite"
mount_tree "$tree"

# Files that git does not ignore, including uncommitted changes. They get the current time,
# so that cargo does not mistake them for files that it built from another checkout.
rm -rf "$tree/root/package" "$tree/root/library" "$tree/root/check"
mkdir -p "$tree/root/package" "$tree/root/library" "$tree/root/check"
(cd "$package" && git ls-files -z --cached --others --exclude-standard |
  tar --create --null --files-from=-) | tar --extract --touch --directory="$tree/root/package"

echo "$suite: packages of Debian, log in $systems/logs/$suite-packages.log"
if ! in_tree "$tree" sh /root/package/tools/systems/step.sh packages \
  >"$systems/logs/$suite-packages.log" 2>&1; then
  tail -n 20 "$systems/logs/$suite-packages.log"
  exit 1
fi

r=$(in_tree "$tree" Rscript -e 'cat(format(getRversion()))')
rust=$(in_tree "$tree" rustc --version | cut -d ' ' -f 2)
: >"$rows"
status=0

# step NAME WHAT: the last line of a step's output is its result.
step() {
  log=$systems/logs/$suite-$1.log
  echo "$suite: $2, log in $log"
  if in_tree "$tree" sh /root/package/tools/systems/step.sh "$1" >"$log" 2>&1; then
    result=$(tail -n 1 "$log")
  else
    status=1
    tail -n 40 "$log"
    result="FAILED: $(tail -n 1 "$log")"
  fi
  printf 'Debian %s\t%s\t%s\t%s\t%s\n' "$suite" "$r" "$rust" "$2" "$result" | tee -a "$rows"
}

step install "install.packages() of the tarball of R CMD build"
step demo "the demo, streamed"
step tests "all R tests, with Chromium and openai-python"
step check "R CMD check --as-cran, without tests and PDF manual"
exit "$status"
