# Run by ./configure and ./configure.win. Checks that cargo and rustc are
# installed and new enough, prints their versions, and fills in
# src/Makevars*.in.

required_rustc <- function() {
  requirements <- read.dcf("DESCRIPTION", fields = "SystemRequirements")[[1]]
  sub(".*rustc \\(>= *([0-9.]+)\\).*", "\\1", gsub("\\s+", " ", requirements))
}

stop_with_advice <- function(problem) {
  advice <- paste0(
    "openaistream is built with Rust ", required_rustc(), " or newer.\n",
    "  Debian, Ubuntu: apt-get install cargo rustc (cargo-web rustc-web on ",
    "Debian 12)\n",
    "  Fedora:         dnf install cargo\n",
    "  macOS, Windows and everything else: https://www.rust-lang.org/tools/install\n"
  )
  cat("\n", problem, "\n", advice, "\n", sep = "", file = stderr())
  quit(save = "no", status = 1)
}

# If Rust is installed in the home directory, it is often only on the PATH of
# the shell, which R may not inherit.
source("tools/rust_target.R")
is_windows <- .Platform$OS.type == "windows"
home_bin <- cargo_bin(is_windows)
if (!grepl(home_bin, Sys.getenv("PATH"), fixed = TRUE)) {
  Sys.setenv(
    PATH = paste(Sys.getenv("PATH"), home_bin, sep = .Platform$path.sep)
  )
}

version_of <- function(program) {
  shown <- tryCatch(
    suppressWarnings(
      system2(program, "--version", stdout = TRUE, stderr = FALSE)
    ),
    error = function(e) character()
  )
  if (!length(shown) || !is.null(attr(shown, "status"))) {
    stop_with_advice(paste0(program, " was not found."))
  }
  cat("using", shown[[1]], "\n")
  sub("^\\S+ ([0-9]+\\.[0-9]+(\\.[0-9]+)?).*", "\\1", shown[[1]])
}

invisible(version_of("cargo"))
rustc <- version_of("rustc")
if (package_version(rustc) < package_version(required_rustc())) {
  stop_with_advice(paste0("rustc ", rustc, " is too old."))
}

target <- if (is_windows) windows_target()
if (is_windows) {
  libraries <- system2(
    "rustc", c("--print", "target-libdir", "--target", target), stdout = TRUE
  )
  if (!length(list.files(libraries, "^libstd-.*[.]rlib$"))) {
    stop_with_advice(paste0(
      "rustc has no standard library for R's target ", target, ". ",
      "Add it with: rustup target add ", target
    ))
  }
}

makevars <- commandArgs(trailingOnly = TRUE)[[1]]
debug <- nzchar(Sys.getenv("OPENAISTREAM_DEBUG"))
# Crates from tools/vendor.sh, for machines without access to a registry. CRAN
# requires a build with two jobs that leaves no other files.
vendored <- file.exists("tools/vendor.tar.xz")
two_jobs <- vendored || nzchar(Sys.getenv("_R_CHECK_LIMIT_CORES_"))
target_directory <- if (vendored) {
  "$(CURDIR)/../target/vendored"
} else {
  Sys.getenv("CARGO_TARGET_DIR", "$(CURDIR)/../target")
}
values <- c(
  CARGO_PROFILE = if (debug) "" else "--release",
  PROFILE_DIRECTORY = if (debug) "debug" else "release",
  TARGET_DIRECTORY = target_directory,
  CARGO_BIN = home_bin,
  TARGET = if (is_windows) target else "",
  LINKER = if (is_windows) windows_linker(target) else "",
  # Keep the library in memory after R has unloaded it, for finalizers of
  # existing objects and for threads that are still ending.
  KEEP_LOADED = if (Sys.info()[["sysname"]] == "Linux") "-Wl,-z,nodelete" else "",
  # Debug symbols would make up half of the library.
  STRIP = switch(Sys.info()[["sysname"]],
    Linux = if (debug) "" else "-Wl,-S,-x,--gc-sections",
    Darwin = if (debug) "" else "-Wl,-S",
    ""
  ),
  JOBS = if (two_jobs) "-j 2" else "",
  OFFLINE = if (vendored) "yes" else "no"
)
text <- readLines(file.path("src", paste0(makevars, ".in")))
for (name in names(values)) {
  text <- gsub(paste0("@", name, "@"), values[[name]], text, fixed = TRUE)
}
writeLines(text, file.path("src", makevars))
