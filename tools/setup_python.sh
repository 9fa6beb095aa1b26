#!/bin/sh
# Makes a Python environment with openai, and what else is named, in the folder
# that is given first, unless it is there.
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
