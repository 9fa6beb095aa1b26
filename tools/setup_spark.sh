#!/bin/sh
# Creates a Python environment with PySpark in the given folder, unless it exists, and installs Java
# on Debian and Ubuntu.
set -eu
folder="$1"
if ! command -v java >/dev/null 2>&1; then
  run=""
  [ "$(id -u)" = 0 ] || run="sudo"
  $run apt-get install -y -qq --no-install-recommends default-jre-headless >/dev/null
fi
if ! "$folder/bin/python" -c "import pyspark, pyarrow" 2>/dev/null; then
  python3 -m venv "$folder"
  "$folder/bin/pip" install --quiet --disable-pip-version-check pyspark pyarrow
fi
