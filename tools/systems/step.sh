#!/bin/sh
# Runs a step of tools/systems/debian.sh in the tree. The last line of its output is the
# result.
# Usage: sh step.sh packages|install|demo|tests|check
set -eu

cd /root/package
export R_LIBS=/root/library
# R CMD build, the installation and R CMD check share the compiled crates.
export CARGO_TARGET_DIR=/root/cargo-target

# Use Debian's Rust, even if another one is installed.
packages() {
  if ! dpkg-query -W cargo rustc git make >/dev/null 2>&1; then
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends cargo rustc git make
  fi
  sh tools/setup.sh systems
  sh tools/setup_browser.sh
  sh tools/setup_python.sh /root/python
}

install() {
  cd /root/check
  R CMD build /root/package
  Rscript -e 'options(warn = 2)' \
    -e 'install.packages(Sys.glob("openaistream_*.tar.gz"), repos = NULL, type = "source")'
  Rscript -e 'library(openaistream); cat("ok\n")'
}

demo() {
  Rscript inst/examples/demo.R >/root/demo.txt
  cat /root/demo.txt
  grep -q '^Tokens: usage:[0-9]' /root/demo.txt
  grep -q '^Embedding: [0-9]* numbers' /root/demo.txt
  echo "ok"
}

# Describes testthat's final counts.
tests() {
  status=0
  (cd tests && NOT_CRAN=true OPENAISTREAM_PYTHON=/root/python/bin/python \
    Rscript testthat.R) >/root/tests.txt 2>&1 || status=1
  cat /root/tests.txt
  sed -n 's/.*\[ FAIL \([0-9]*\) | WARN \([0-9]*\) | SKIP \([0-9]*\) | PASS \([0-9]*\) \].*/\4 passed, \3 skipped, \1 failed, \2 warnings/p' \
    /root/tests.txt | tail -n 1
  return "$status"
}

# The tests have already been run. Checks that need CRAN's servers are skipped.
check() {
  status=0
  cd /root/check
  _R_CHECK_CRAN_INCOMING_REMOTE_=false _R_CHECK_SYSTEM_CLOCK_=0 \
    R CMD check --as-cran --no-tests --no-manual openaistream_*.tar.gz || status=1
  sed -n 's/^Status: //p' openaistream.Rcheck/00check.log | tee status.txt
  ! grep -q -E 'ERROR|WARNING' status.txt || status=1
  return "$status"
}

"$1"
