# The crates that the library is built from, on every system that the package
# supports. Sourced by tools/vendor.R and tools/authors.R.

# Other Linux targets and the BSDs need no additional crates.
supported_targets <- c(
  "x86_64-unknown-linux-gnu", "aarch64-unknown-linux-gnu",
  "x86_64-apple-darwin", "aarch64-apple-darwin",
  "x86_64-pc-windows-gnu", "aarch64-pc-windows-gnullvm"
)

cargo <- function(...) {
  output <- system2("cargo", c(...), stdout = TRUE)
  if (!is.null(attr(output, "status"))) {
    stop("`cargo ", ..1, "` failed; its message is above.", call. = FALSE)
  }
  Encoding(output) <- "UTF-8"
  output
}

# A data frame of `name`, `version` and `features`: registry crates that are
# linked into the library or used to compile it, without those of tests.
library_crates <- function() {
  tree <- cargo(
    "tree", "--locked", "--package", "openaistream",
    "--edges", "normal,build", "--prefix", "none",
    "--format", shQuote("{p}|{f}"),
    paste("--target", supported_targets)
  )
  own <- "^openaistream"
  parts <- regmatches(tree, regexec("^(\\S+) v(\\S+)[^|]*\\|(.*)$", tree))
  parts <- do.call(rbind, parts[lengths(parts) > 0 & !grepl(own, tree)])
  features <- tapply(strsplit(parts[, 4], ",", fixed = TRUE),
    paste(parts[, 2], parts[, 3]),
    function(lists) sort(unique(unlist(lists)), method = "radix")
  )
  features <- features[order(names(features), method = "radix")]
  crates <- as.data.frame(
    do.call(rbind, strsplit(names(features), " ", fixed = TRUE))
  )
  names(crates) <- c("name", "version")
  crates$features <- unname(c(features))
  crates
}
