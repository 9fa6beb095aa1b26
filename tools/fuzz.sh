#!/bin/sh
# Searches for bytes that violate a property of the core, for a number of seconds in all. Uses
# cargo-fuzz if it and a nightly Rust are installed, otherwise random tests.
set -eu
seconds=$1
target=$2

if cargo +nightly fuzz --version >/dev/null 2>&1; then
  for name in sse events json; do
    mkdir -p "fuzz/corpus/$name"
    cargo +nightly fuzz run --fuzz-dir fuzz --target-dir "$target/fuzz" "$name" -- \
      -max_total_time=$((seconds / 3)) -dict=fuzz/words.dict -timeout=10 \
      -rss_limit_mb=1024 -max_len=65536 -print_final_stats=1
  done
else
  echo "cargo-fuzz or a nightly Rust is missing (cargo install cargo-fuzz): random tests instead."
  PROPERTY_SECONDS=$((seconds / 4)) cargo test --locked --package openaistream-core \
    --test properties -- --test-threads=1
fi
