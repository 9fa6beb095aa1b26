# The commands of this repository; `make` alone lists them.

# The library into which the package is installed for tests.
TARGET_DIR ?= $(if $(CARGO_TARGET_DIR),$(CARGO_TARGET_DIR),$(CURDIR)/target)
TEST_LIBRARY = $(TARGET_DIR)/r-library
# A Python with openai, the second client of the local server.
TEST_PYTHON = $(TARGET_DIR)/python
# Servers of others: llama.cpp, LiteLLM, aimock.
TEST_SERVERS = $(TARGET_DIR)/servers
# axe-core, which audits the chat app.
TEST_BROWSER = $(TARGET_DIR)/browser
# A Python with PySpark.
TEST_SPARK = $(TARGET_DIR)/spark
# The programs of the benchmark, and a Python with the other clients.
BENCH_DIR = $(TARGET_DIR)/bench
PACKAGE = openaistream_1.0.0.tar.gz
WITH_CARGO = export PATH="$$PATH:$$HOME/.cargo/bin";

.PHONY: help setup test-setup test-install demo install test test-rust test-r servers spark contract fuzz bench \
  lint systems check docs screenshot site site-check clean

help:
	@echo "make demo    install the package and stream a chat to the terminal"
	@echo "make test    all tests, of Rust and of R"
	@echo "make servers  the recipes of other servers, against these servers, and the article's table"
	@echo "make contract  requests and the practice server against OpenAI's OpenAPI (SPEC=openapi.json)"
	@echo "make spark   the article's script on PySpark over 10,000 rows (Java, and 500 MB from PyPI)"
	@echo "make fuzz    random streams and JSON texts for 300 s (SECONDS=60: another time)"
	@echo "make lint    rustfmt and clippy, warnings denied; the crates with the declared Rust"
	@echo "make check   the tarball for CRAN: its size, an offline installation, R CMD check --as-cran"
	@echo "make systems  the package on Debian 13 and sid, and for Windows, as root (SUITE=trixie: one)"
	@echo "make bench   the speed beside other clients, to bench/RESULTS.md (QUICK=1: a try)"
	@echo "make docs    the manual and the R wrappers from the sources"
	@echo "make site    the site, to target/site: home, reference, articles; its links are checked"
	@echo "make site-check  the site in Chromium: Lighthouse, axe-core, search, print (npm)"
	@echo "make screenshot  the pictures of the chat app"

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

# R finds the package in a library of its own; nothing else on the machine changes.
# The sources are kept with it, for roxygen2.
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

# SPEC is OpenAI's description of the API in JSON, which Prism and Ajv must be able to read.
contract: SPEC = $(wildcard ../shared/spec/openapi-strict.json)
contract: test-install
	$(WITH_CARGO) sh tools/contract/run.sh "$(SPEC)" $(TARGET_DIR)/contract $(TEST_LIBRARY)

# Random tests run a short while in test-rust, too.
fuzz: SECONDS = 300
fuzz: test-setup
	$(WITH_CARGO) sh tools/fuzz.sh $(SECONDS) $(TARGET_DIR)

# QUICK=1 measures small works, in two minutes, and leaves bench/RESULTS.md alone. PEERS=<library>
# is a library of R packages that are measured beside it and that Debian lacks, or has old: httr2
# and curl, RcppSimdJson, yyjsonr.
bench: export OPENAISTREAM_DEBUG =
bench: test-install
	@sh tools/setup.sh bench
	sh tools/setup_python.sh $(BENCH_DIR)/python httpx numpy
	$(WITH_CARGO) cargo build --release --locked --manifest-path bench/Cargo.toml \
	  --target-dir $(BENCH_DIR)
	R_LIBS=$(TEST_LIBRARY)$(if $(PEERS),:$(PEERS)) \
	  Rscript bench/run.R $(BENCH_DIR) $(if $(QUICK),quick)

lint: test-setup
	$(WITH_CARGO) Rscript tools/check_msrv.R
	$(WITH_CARGO) Rscript tools/authors.R check
	Rscript tools/check_names.R
	@sh tools/check_rust_version.sh $(TARGET_DIR)
	$(WITH_CARGO) cargo fmt --all --check
	$(WITH_CARGO) cargo fmt --manifest-path fuzz/Cargo.toml --check
	$(WITH_CARGO) cargo fmt --all --manifest-path bench/Cargo.toml --check
	$(WITH_CARGO) cargo clippy --locked --workspace --all-targets -- -D warnings

# What only CRAN's own machines can tell (its index, the time) is not asked.
check: test-setup
	@sh tools/setup.sh check
	$(WITH_CARGO) sh tools/vendor.sh
	$(WITH_CARGO) R CMD build .; built=$$?; rm tools/vendor.tar.xz; exit $$built
	$(WITH_CARGO) sh tools/check_offline.sh $(PACKAGE)
	$(WITH_CARGO) _R_CHECK_CRAN_INCOMING_REMOTE_=false _R_CHECK_SYSTEM_CLOCK_=0 \
	  R_RD4PDF=times,hyper \
	  R CMD check --as-cran $(PACKAGE)

# Trees of other systems, made by debootstrap. SUITE is trixie, sid or windows; without it, all.
systems:
	@sh tools/systems/run.sh $(TARGET_DIR) $(SUITE)

docs: test-install
	R_LIBS=$(TEST_LIBRARY) Rscript tools/wrappers.R
	R_LIBS=$(TEST_LIBRARY) Rscript tools/document.R
	Rscript tools/dialects.R

screenshot: test-install
	mkdir -p man/figures
	R_LIBS=$(TEST_LIBRARY) Rscript tools/screenshot.R

# pkgdown builds it from README, the manual, the articles and NEWS, without a network.
site: SITE = $(TARGET_DIR)/site
site: test-install
	@sh tools/setup.sh site
	R_LIBS=$(TEST_LIBRARY) Rscript tools/site/build.R $(SITE)
	Rscript tools/site/check.R $(SITE)

site-check: site
	sh tools/site/setup.sh $(TARGET_DIR)/site-check
	node tools/site/audit.mjs $(TARGET_DIR)/site $(TARGET_DIR)/site-check

clean:
	rm -rf target tools/vendor.tar.xz src/Makevars src/Makevars.win src/*.o src/*.so *.Rcheck openaistream_*.tar.gz
