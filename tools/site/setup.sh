#!/bin/sh
# Installs from npm, into the folder that is given, what looks at the site as its readers do:
# Lighthouse, which brings a driver of Chromium, and axe-core.
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
