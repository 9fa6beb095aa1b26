#!/bin/sh
# Installs, tests and checks the package on other systems, one after the other, and
# prints a table of the results. Fails if one of them failed.
# Usage: sh tools/systems/run.sh TARGET_DIR [trixie|sid|windows]...
# The trees of the systems, the logs and the results are kept in TARGET_DIR/systems.
set -eu

target_dir=${1:?"Usage: sh tools/systems/run.sh TARGET_DIR [trixie|sid|windows]..."}
shift
[ $# -gt 0 ] || set -- trixie sid windows
for suite in "$@"; do
  case "$suite" in
    trixie | sid | windows) ;;
    *)
      echo "SUITE is \"$suite\"; it must be trixie, sid or windows." >&2
      exit 2
      ;;
  esac
done
if [ "$(id -u)" != 0 ]; then
  echo "The trees of other systems are created with debootstrap and chroot, which need root:" \
    "run \`make systems\` as root, for example in a virtual machine or container." >&2
  exit 1
fi
for program in debootstrap unshare git; do
  if ! command -v "$program" >/dev/null 2>&1; then
    echo "The trees of other systems need $program: apt-get install debootstrap" \
      "util-linux git." >&2
    exit 1
  fi
done

if ! unshare --mount true 2>/dev/null; then
  echo "The trees of other systems need mounts, which are not permitted here" \
    "(a container without CAP_SYS_ADMIN?)." >&2
  exit 1
fi

scripts=$(dirname "$0")
rows=$target_dir/systems/rows
mkdir -p "$rows"
status=0
tables=""
for suite in "$@"; do
  rm -f "$rows/$suite.tsv"
  tables="$tables $rows/$suite.tsv"
  if [ "$suite" = windows ]; then
    sh "$scripts/windows.sh" "$target_dir" && continue
  else
    sh "$scripts/debian.sh" "$target_dir" "$suite" && continue
  fi
  status=1
  [ -s "$rows/$suite.tsv" ] ||
    printf '%s\t-\t-\tpreparation\tFAILED\n' "$suite" >"$rows/$suite.tsv"
done

echo
echo "| System | R | Rust | What | Result |"
echo "|---|---|---|---|---|"
# shellcheck disable=SC2086
sed 's/|/\\|/g; s/\t/ | /g; s/^/| /; s/$/ |/' $tables
exit "$status"
