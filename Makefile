# The commands of this repository. `make` without a target lists them.

# The library into which the package is installed for tests.
TARGET_DIR ?= $(if $(CARGO_TARGET_DIR),$(CARGO_TARGET_DIR),$(CURDIR)/target)
TEST_LIBRARY = $(TARGET_DIR)/r-library
# A Python environment with openai, the second client in the tests of the local server.
TEST_PYTHON = $(TARGET_DIR)/python
# Third-party servers: llama.cpp, LiteLLM, aimock.
TEST_SERVERS = $(TARGET_DIR)/servers
# axe-core, which audits the chat app.
TEST_BROWSER = $(TARGET_DIR)/browser
# A Python environment with PySpark.
TEST_SPARK = $(TARGET_DIR)/spark
# The benchmark programs, and a Python environment with the other clients.
BENCH_DIR = $(TARGET_DIR)/bench
PACKAGE = openaistream_1.0.0.tar.gz
WITH_CARGO = export PATH="$$PATH:$$HOME/.cargo/bin";

.PHONY: help setup test-setup test-install demo install test test-rust test-r servers spark contract fuzz bench \
  lint systems check docs screenshot site site-check clean

help:
	@echo "make demo    install the package and stream a chat to the terminal"
	@echo "make test    run all tests of Rust and R"
	@echo "make servers  test the recipes of other servers, and write the article's table"
	@echo "make contract  check requests and the practice server against OpenAI's OpenAPI description (SPEC=openapi.json)"
	@echo "make spark   run the article's script on PySpark with 10,000 rows (needs Java, and 500 MB from PyPI)"
	@echo "make fuzz    test random streams and JSON texts for 300 s (or SECONDS=60)"
	@echo "make lint    run rustfmt and clippy, and compile with the minimum Rust version"
	@echo "make check   build the tarball for CRAN, install it offline, and run R CMD check --as-cran"
	@echo "make systems  test on Debian 13 and sid, and for Windows; needs root (SUITE=trixie: only one)"
	@echo "make bench   compare the speed with other clients, in bench/RESULTS.md (QUICK=1: a short run)"
	@echo "make docs    generate the manual and the R wrappers"
	@echo "make site    build the site in target/site and check its links"
	@echo "make site-check  test the site in Chromium: Lighthouse, axe-core, search, print (needs npm)"
	@echo "make screenshot  take the screenshots of the chat app"

setup:
	@sh tools/setup.sh

test-setup:
	@sh tools/setup.sh test
	@sh tools/setup_browser.sh $(TEST_BROWSER)

install: setup
	@Rscript tools/user_library.R
	$(WITH_CARGO) R CMD INSTALL --no-test-load .

demo: install
	Rscript inst/examples/demo.R

test: test-rust test-r

test-rust: test-setup
	$(WITH_CARGO) PROPERTY_SECONDS=15 cargo test --locked --package openaistream-core \
	  --package openaistream-server

# Installs the package into a separate library. roxygen2 needs its source references.
test-install: test-setup
	mkdir -p $(TEST_LIBRARY)
	$(WITH_CARGO) R CMD INSTALL --library=$(TEST_LIBRARY) --with-keep.source \
	  --no-test-load .

test-r: test-install
	sh tools/setup_python.sh $(TEST_PYTHON) numpy
	sh tools/setup_servers.sh $(TEST_SERVERS)
	cd tests && NOT_CRAN=true R_LIBS=$(TEST_LIBRARY) OPENAISTREAM_PYTHON=$(TEST_PYTHON)/bin/python \
	  OPENAISTREAM_SERVERS=$(TEST_SERVERS) OPENAISTREAM_BROWSER=$(TEST_BROWSER) \
	  Rscript testthat.R

servers: test-install
	sh tools/setup_servers.sh $(TEST_SERVERS)
	R_LIBS=$(TEST_LIBRARY) OPENAISTREAM_SERVERS=$(TEST_SERVERS) Rscript tools/servers/table.R
	cd tests && NOT_CRAN=true R_LIBS=$(TEST_LIBRARY) OPENAISTREAM_SERVERS=$(TEST_SERVERS) Rscript \
	  -e 'library(testthat)' -e 'filter <- "^(recipes|real-servers|mutual-tls|azure|dialects)$$"' \
	  -e 'test_check("openaistream", filter = filter)'

spark: test-install
	sh tools/setup_spark.sh $(TEST_SPARK)
	cd tests && NOT_CRAN=true R_LIBS=$(TEST_LIBRARY) OPENAISTREAM_SPARK=$(TEST_SPARK)/bin/python \
	  Rscript -e 'library(testthat)' -e 'test_check("openaistream", filter = "^spark$$")'

# SPEC is OpenAI's OpenAPI description in JSON, in a form that Prism and Ajv can read.
contract: SPEC = $(wildcard ../shared/spec/openapi-strict.json)
contract: test-install
	$(WITH_CARGO) sh tools/contract/run.sh "$(SPEC)" $(TARGET_DIR)/contract $(TEST_LIBRARY)

# test-rust also runs the random tests, for a shorter time.
fuzz: SECONDS = 300
fuzz: test-setup
	$(WITH_CARGO) sh tools/fuzz.sh $(SECONDS) $(TARGET_DIR)

# QUICK=1 runs small benchmarks in two minutes and does not change bench/RESULTS.md. PEERS=<library>
# is a library with R packages to compare with that Debian lacks or has in old versions: httr2 and
# curl, RcppSimdJson, yyjsonr. TASKS=stream,response measures only these tasks; the report keeps
# the last results of the others.
bench: export OPENAISTREAM_DEBUG =
bench: test-install
	@sh tools/setup.sh bench
	sh tools/setup_python.sh $(BENCH_DIR)/python httpx numpy
	$(WITH_CARGO) cargo build --release --locked --manifest-path bench/Cargo.toml \
	  --target-dir $(BENCH_DIR)
	R_LIBS=$(TEST_LIBRARY)$(if $(PEERS),:$(PEERS)) \
	  Rscript bench/run.R $(BENCH_DIR) $(if $(QUICK),quick) $(if $(TASKS),tasks=$(TASKS))

lint: test-setup
	$(WITH_CARGO) Rscript tools/check_msrv.R
	$(WITH_CARGO) Rscript tools/authors.R check
	Rscript tools/check_names.R
	@sh tools/check_rust_version.sh $(TARGET_DIR)
	$(WITH_CARGO) cargo fmt --all --check
	$(WITH_CARGO) cargo fmt --manifest-path fuzz/Cargo.toml --check
	$(WITH_CARGO) cargo fmt --all --manifest-path bench/Cargo.toml --check
	$(WITH_CARGO) cargo clippy --locked --workspace --all-targets -- -D warnings

# Skips checks that need CRAN's servers (its package index, the current time).
check: test-setup
	@sh tools/setup.sh check
	$(WITH_CARGO) sh tools/vendor.sh
	$(WITH_CARGO) R CMD build .; built=$$?; rm tools/vendor.tar.xz; exit $$built
	$(WITH_CARGO) sh tools/check_offline.sh $(PACKAGE)
	$(WITH_CARGO) _R_CHECK_CRAN_INCOMING_REMOTE_=false _R_CHECK_SYSTEM_CLOCK_=0 \
	  R_RD4PDF=times,hyper \
	  R CMD check --as-cran $(PACKAGE)

# Uses trees of other systems, created by debootstrap. SUITE is trixie, sid or windows; default: all.
systems:
	@sh tools/systems/run.sh $(TARGET_DIR) $(SUITE)

docs: test-install
	R_LIBS=$(TEST_LIBRARY) Rscript tools/wrappers.R
	R_LIBS=$(TEST_LIBRARY) Rscript tools/document.R
	Rscript tools/dialects.R

screenshot: test-install
	mkdir -p man/figures
	R_LIBS=$(TEST_LIBRARY) Rscript tools/screenshot.R

# pkgdown builds the site from README, the manual, the articles and NEWS, without a network.
site: SITE = $(TARGET_DIR)/site
site: test-install
	@sh tools/setup.sh site
	R_LIBS=$(TEST_LIBRARY) Rscript tools/site/build.R $(SITE)
	Rscript tools/site/check.R $(SITE)

site-check: site
	sh tools/setup_npm.sh $(TARGET_DIR)/site-check lighthouse@12 axe-core@4
	node tools/site/audit.mjs $(TARGET_DIR)/site $(TARGET_DIR)/site-check

clean:
	rm -rf target tools/vendor.tar.xz src/Makevars src/Makevars.win src/*.o src/*.so *.Rcheck openaistream_*.tar.gz
