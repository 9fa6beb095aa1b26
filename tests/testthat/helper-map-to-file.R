# Results files of maps.

# A file that is removed when the test ends.
new_file <- function(lines = NULL, env = parent.frame()) {
  withr::local_tempfile(
    lines = lines, fileext = ".jsonl", .local_envir = env
  )
}

# The parsed lines of a results file, without the first.
lines_of <- function(file) {
  lapply(readLines(file)[-1], jsonlite::fromJSON, simplifyVector = FALSE)
}

field_of <- function(lines, name) unlist(lapply(lines, `[[`, name))
