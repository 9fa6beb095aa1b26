#!/bin/sh
# Makes a Python environment with openai in the folder that is given, unless it
# is there.
set -eu
if ! "$1/bin/python" -c "import openai" 2>/dev/null; then
  python3 -m venv "$1"
  "$1/bin/pip" install --quiet --disable-pip-version-check "openai>=2,<4"
fi
