#!/bin/sh
# Installs what the tests of chat_app() need: Shiny and a browser with its driver
# from apt, and axe-core from npm into the given folder, if any. Tests are skipped
# if these are not available.
set -eu
folder="${1:-}"

if [ -n "$folder" ] && [ ! -d "$folder/node_modules/axe-core" ]; then
  mkdir -p "$folder"
  if ! command -v npm >/dev/null ||
    ! npm install --silent --no-fund --no-audit --prefix "$folder" axe-core@4; then
    echo "axe-core cannot be installed from npm: its tests are skipped." >&2
  fi
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
  echo "They cannot be installed here; these tests will be skipped." >&2
fi
