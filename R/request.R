# What resources say of a request: path, body and form.

# Whether a text can be a part of a path: an id that could lead to another path,
# or to none, cannot.
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

# Refuses the first of `fields` that has no name; what stands in `...` of a
# method comes first among them.
check_fields <- function(fields) {
  unnamed <- !nzchar(names(fields) %||% rep("", length(fields)))
  if (any(unnamed)) {
    position <- which(unnamed)[[1]]
    abort_argument(
      "Value ", position, " of `...` (", describe(fields[[position]]), ") has ",
      "no name: give each field with its name in the API reference, such as ",
      "`metadata = `."
    )
  }
  fields
}

# A factor where text is wanted is its labels.
factor_as_text <- function(x) {
  if (is.factor(x)) structure(as.character(x), names = names(x)) else x
}
