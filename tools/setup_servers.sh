#!/bin/sh
# Installs servers with an OpenAI-compatible API into the given folder, for the tests: llama.cpp's
# and LiteLLM's from PyPI, aimock from npm. Servers that are not available are skipped, with a
# message.
set -eu
folder="$1"
mkdir -p "$folder"

python="$folder/python"
has_all="from importlib.util import find_spec as f; assert all(map(f, ['gguf', 'litellm', 'xllamacpp']))"
if ! "$python/bin/python" -c "$has_all" 2>/dev/null; then
  if ! python3 -m venv "$python" ||
    ! "$python/bin/pip" install --quiet --disable-pip-version-check \
      "litellm[proxy]" xllamacpp gguf numpy; then
    echo "llama.cpp and LiteLLM cannot be installed from PyPI: their tests are skipped." >&2
  fi
fi

if ! sh "$(dirname "$0")/setup_npm.sh" "$folder" @copilotkit/aimock; then
  echo "aimock cannot be installed from npm: its tests are skipped." >&2
fi
