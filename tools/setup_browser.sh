#!/bin/sh
# Installs the requirements of the tests of chat_app(): Shiny and a browser with its
# driver from apt, and axe-core from npm into the given folder, if any. If these are
# not available, the tests are skipped.
set -eu
folder="${1:-}"

if [ -n "$folder" ] && ! sh "$(dirname "$0")/setup_npm.sh" "$folder" axe-core@4; then
  echo "axe-core cannot be installed from npm: its tests are skipped." >&2
fi

missing=""
for package in r-cran-shiny r-cran-promises chromium chromium-driver; do
  if ! dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q "ok installed"; then
    missing="$missing $package"
  fi
done
[ -z "$missing" ] && exit 0

run=""
[ "$(id -u)" = 0 ] || run="sudo -n"
echo "Installing for the tests in a browser:$missing"
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086
if ! { command -v apt-get && $run apt-get update -qq &&
  $run apt-get install -y -qq --no-install-recommends $missing; } >/dev/null 2>&1; then
  echo "These packages cannot be installed: the tests in a browser are skipped." >&2
fi
