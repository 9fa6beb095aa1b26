# What resources say of a request: path, body and form.

# The parts of a path. An id that could lead to another path, or to none, is
# refused by the name of its argument.
path_segments <- function(...) {
  segments <- list(...)
  usable <- vapply(segments, is_segment, logical(1))
  if (!all(usable)) {
    first <- which(!usable)[[1]]
    name <- as.character(substitute(list(...)))[-1][[first]]
    abort_argument(
      "`", name, "` must be one non-empty string, not ",
      describe(segments[[first]]), "."
    )
  }
  unlist(segments)
}

is_segment <- function(x) {
  is_string(x) && nzchar(x) && !x %in% c(".", "..")
}

# A body that stays a JSON object when it has no fields.
json_object <- function(...) {
  fields <- list(...)
  if (length(fields)) fields else structure(list(), names = character())
}

# The fields of a form, without those that are NULL.
form_fields <- function(fields) {
  Filter(Negate(is.null), fields)
}

# Marks a path as a file that the core streams from disk.
file_part <- function(path) {
  structure(path.expand(path), class = "file_part")
}
