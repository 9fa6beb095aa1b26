#!/bin/sh
# Installs Prism, a mock server for OpenAPI descriptions, and the validator Ajv from npm into the
# given folder.
set -eu
folder="$1"
mkdir -p "$folder"
if [ ! -d "$folder/node_modules/ajv-formats" ] || [ ! -x "$folder/node_modules/.bin/prism" ]; then
  if ! command -v npm >/dev/null; then
    echo "make contract needs npm, for Prism and Ajv: https://nodejs.org/" >&2
    exit 1
  fi
  npm install --silent --no-fund --no-audit --prefix "$folder" \
    "@stoplight/prism-cli@5" "ajv@8" "ajv-formats@3"
fi
