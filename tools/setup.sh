#!/bin/sh
# Installs missing requirements with apt on Debian and Ubuntu; on other systems it
# only prints what is missing. Without an argument, the requirements of a build. The
# argument adds those of:
#   test     the tests
#   check    R CMD check
#   bench    the benchmark
#   systems  the tests, and R CMD check without the PDF manual
#   site     the site
set -eu

packages="r-base-dev r-cran-r6"
test_packages="r-cran-jsonlite r-cran-testthat r-cran-roxygen2 r-cran-httr2 \
r-cran-curl r-cran-iterators r-cran-callr r-cran-processx r-cran-later r-cran-promises \
r-cran-withr r-cran-cli r-cran-jpeg r-cran-png r-cran-future r-cran-ggplot2 r-cran-lattice \
r-cran-tibble r-cran-data.table python3-venv"

check_packages="r-cran-knitr r-cran-rmarkdown pandoc qpdf devscripts tidy"

manual_packages="texinfo texlive-latex-base texlive-latex-recommended texlive-latex-extra \
texlive-fonts-recommended"

site_packages="r-cran-pkgdown r-cran-knitr r-cran-rmarkdown r-cran-xml2 r-cran-shiny pandoc"

bench_packages="r-cran-processx curl linux-perf"

case "${1:-}" in
  test) packages="$packages $test_packages" ;;
  check) packages="$packages $check_packages $manual_packages" ;;
  systems) packages="$packages $test_packages $check_packages" ;;
  bench) packages="$packages $bench_packages" ;;
  site) packages="$packages $test_packages $site_packages" ;;
esac

PATH="$PATH:$HOME/.cargo/bin"
if ! command -v cargo >/dev/null 2>&1; then
  # The rustc of Debian 12 is too old; rustc-web is updated for browsers.
  if apt-cache show cargo-web >/dev/null 2>&1; then
    packages="$packages cargo-web rustc-web"
  else
    packages="$packages cargo rustc"
  fi
fi

missing=""
for package in $packages; do
  if ! command -v dpkg-query >/dev/null 2>&1 ||
    ! dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q "ok installed"; then
    missing="$missing $package"
  fi
done
[ -z "$missing" ] && exit 0

if ! command -v apt-get >/dev/null 2>&1; then
  if command -v R >/dev/null 2>&1 && command -v cargo >/dev/null 2>&1; then
    exit 0
  fi
  echo "Please install R (>= 4.2), the R package R6, and Rust (>= 1.85)." >&2
  echo "The tests also need the R packages in the field Suggests of DESCRIPTION." >&2
  exit 1
fi

run=""
[ "$(id -u)" = 0 ] || run="sudo"
echo "Installing:$missing"
export DEBIAN_FRONTEND=noninteractive
$run apt-get update -qq
# shellcheck disable=SC2086
$run apt-get install -y -qq --no-install-recommends $missing >/dev/null
