# The parts of a request: path, body and form.

# Whether a text can be a segment of a path: an id that would change the path
# cannot.
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

# Marks paths as files that the core streams from disk.
file_part <- function(paths) {
  structure(as.list(path.expand(paths)), class = "file_part")
}

# Rejects the first of `fields` that has no name; the values of `...` come first
# among them.
check_fields <- function(fields) {
  unnamed <- !nzchar(names(fields) %||% rep("", length(fields)))
  if (any(unnamed)) {
    position <- which(unnamed)[[1]]
    abort_argument(
      "Value ", position, " of `...` (", describe(fields[[position]]), ") has ",
      "no name: name each field as in the API reference, such as ",
      "`metadata = `."
    )
  }
  fields
}

# A factor used as text is converted to its labels.
factor_as_text <- function(x) {
  if (is.factor(x)) structure(as.character(x), names = names(x)) else x
}
