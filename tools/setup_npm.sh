#!/bin/sh
# Installs packages from npm into the given folder, unless it has them:
# sh tools/setup_npm.sh FOLDER PACKAGE...
set -eu
folder="$1"
shift

missing=""
for package in "$@"; do
  # The name without its version; it may itself start with @.
  name="$(printf '%s' "$package" | sed 's/\(.\)@.*/\1/')"
  [ -d "$folder/node_modules/$name" ] || missing="$missing $package"
done
[ -z "$missing" ] && exit 0

if ! command -v npm >/dev/null; then
  echo "npm is needed to install$missing: https://nodejs.org/" >&2
  exit 1
fi
mkdir -p "$folder"
npm install --silent --no-fund --no-audit --prefix "$folder" "$@"
