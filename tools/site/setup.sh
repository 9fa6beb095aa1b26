#!/bin/sh
# Installs Lighthouse, which includes a driver for Chromium, and axe-core from npm into the given
# folder.
set -eu
folder="$1"
mkdir -p "$folder"
if [ ! -d "$folder/node_modules/lighthouse" ] || [ ! -d "$folder/node_modules/axe-core" ]; then
  if ! command -v npm >/dev/null; then
    echo "make site-check needs npm, for Lighthouse and axe-core: https://nodejs.org/" >&2
    exit 1
  fi
  npm install --silent --no-fund --no-audit --prefix "$folder" "lighthouse@12" "axe-core@4"
fi
