#!/bin/sh
# Creates a Python environment with openai and the packages named in further
# arguments, in the folder given as the first argument, unless it exists.
set -eu
folder="$1"
shift
for module in openai "$@"; do
  if ! "$folder/bin/python" -c "import $module" 2>/dev/null; then
    python3 -m venv "$folder"
    "$folder/bin/pip" install --quiet --disable-pip-version-check "openai>=2,<4" "$@"
    break
  fi
done
