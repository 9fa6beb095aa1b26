#!/bin/sh
# Checks the package against an OpenAPI description: run.sh SPEC FOLDER LIBRARY. It validates the
# responses of the practice server against the schemas, and checks that streams of the example
# responses are merged correctly. It also checks that the requests of the package in LIBRARY are
# accepted by Prism, which rejects requests that do not match the description. FOLDER is a working
# folder.
set -eu
spec="$1"
folder="$2"
library="$3"
here=$(dirname "$0")

if [ ! -f "$spec" ]; then
  echo "'$spec' is not a file. Pass OpenAI's OpenAPI description in JSON:" >&2
  echo "make contract SPEC=openapi.json" >&2
  exit 1
fi
# Prism, a mock server for OpenAPI descriptions, and the validator Ajv.
sh "$here/../setup_npm.sh" "$folder" "@stoplight/prism-cli@5" "ajv@8" "ajv-formats@3"
PYTHONDONTWRITEBYTECODE=1 PYTHONPATH="$here/.." python3 "$here/bodies.py" "$spec" \
  > "$folder/bodies.json"

# Remove the output of earlier runs.
: > "$folder/prism.log"
: > "$folder/server.log"
# Stop programs that are still running at the end.
running=""
trap 'for process in $running; do kill "$process" 2>/dev/null || true; done' EXIT INT TERM

# Waits until a program has written something to its output.
wait_for() {
  for _ in $(seq 600); do
    if grep -q "$1" "$2"; then
      return
    fi
    sleep 0.1
  done
  echo "A program did not write \"$1\" within a minute. Its output:" >&2
  cat "$2" >&2
  exit 1
}

# Start Prism early, because it takes some time to read the description.
port=$(python3 -c "import socket; s = socket.create_server(('127.0.0.1', 0)); print(s.getsockname()[1])")
"$folder/node_modules/.bin/prism" mock --host 127.0.0.1 --port "$port" "$spec" \
  > "$folder/prism.log" 2>&1 &
running="$running $!"

cargo build --quiet --locked --package openaistream-server
"${CARGO_TARGET_DIR:-target}/debug/openaistream-server" --background-delay 2 --assistants \
  > "$folder/server.log" &
running="$running $!"
wait_for "^http" "$folder/server.log"
failures=0
node "$here/answers.mjs" "$spec" "$folder/bodies.json" "$(cat "$folder/server.log")" "$folder" ||
  failures=1

python3 "$here/streams.py" "$spec" > "$folder/streams.json"
R_LIBS="$library" Rscript "$here/streams.R" "$folder/streams.json" || failures=1

wait_for "Prism is listening" "$folder/prism.log"
R_LIBS="$library" Rscript "$here/requests.R" "$folder/bodies.json" "http://127.0.0.1:$port/v1" ||
  failures=1
exit "$failures"
