# Removes files that the build of the library does not need from the output of
# `cargo vendor --versioned-dirs`. cargo requires every crate in Cargo.lock, so
# crates that only tests or other systems use are reduced to a manifest and an
# empty library.

source("tools/crates.R")

# Files that no build reads. Licences and readmes are kept.
unused_folders <- c(
  "tests", "benches", "examples", "docs", "fuzz", "testdata", "test-data",
  "integration-tests", "test-macros", "assets", "ci"
)
unused_files <- "^(Cargo\\.toml\\.orig|Cargo\\.lock|CHANGELOG.*)$"

reduce_to_manifest <- function(crate) {
  files <- list.files(crate, all.files = TRUE, no.. = TRUE)
  kept <- c("Cargo.toml", ".cargo-checksum.json")
  unlink(file.path(crate, setdiff(files, kept)), recursive = TRUE, force = TRUE)
  update_checksums(crate)
  dir.create(file.path(crate, "src"))
  file.create(file.path(crate, "src", "lib.rs"))
}

remove_unused_files <- function(crate, features) {
  files <- list.files(crate, all.files = TRUE, no.. = TRUE)
  unused <- files %in% unused_folders | grepl(unused_files, files) |
    (startsWith(files, ".") & files != ".cargo-checksum.json")
  unlink(file.path(crate, files[unused]), recursive = TRUE, force = TRUE)
  remove_windows_modules(crate, features)
  update_checksums(crate)
}

# windows-sys has a folder for each part of the Windows API, enabled by a
# feature with the same name: Win32/System/IO, Win32_System_IO.
remove_windows_modules <- function(crate, features) {
  root <- file.path(crate, "src", "Windows")
  folders <- list.dirs(root, full.names = FALSE)
  folders <- folders[nzchar(folders)]
  unused <- !gsub("/", "_", folders, fixed = TRUE) %in% features
  unlink(file.path(root, folders[unused]), recursive = TRUE)
}

# Removes the checksums of deleted files: cargo rejects crates with missing or
# modified files.
update_checksums <- function(crate) {
  path <- file.path(crate, ".cargo-checksum.json")
  checksums <- jsonlite::read_json(path)
  exists <- file.exists(file.path(crate, names(checksums$files)))
  checksums$files <- checksums$files[exists]
  jsonlite::write_json(checksums, path, auto_unbox = TRUE)
}

folder <- commandArgs(trailingOnly = TRUE)[[1]]
crates <- library_crates()
features <- stats::setNames(
  crates$features, paste(crates$name, crates$version, sep = "-")
)
missing <- setdiff(names(features), list.files(folder))
if (length(missing)) {
  stop("cargo vendor omitted ", toString(missing), call. = FALSE)
}
for (crate in list.files(folder)) {
  path <- file.path(folder, crate)
  if (crate %in% names(features)) {
    remove_unused_files(path, features[[crate]])
  } else {
    reduce_to_manifest(path)
  }
}
