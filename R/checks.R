# Checks of arguments, shared by all classes.

is_string <- function(x) {
  is.character(x) && length(x) == 1L && !is.na(x)
}

is_number <- function(x) {
  is.numeric(x) && length(x) == 1L && is.finite(x)
}

# A value as an error names it.
describe <- function(x) {
  if (is.null(x)) {
    "NULL"
  } else if (is.atomic(x) && length(x) == 1L) {
    deparse(x)
  } else if (length(x) != 1L && is.atomic(x)) {
    paste("a vector of length", length(x))
  } else {
    paste("an object of class", class(x)[[1]])
  }
}

check_string <- function(x, name, optional = TRUE) {
  if (!(optional && is.null(x)) && !(is_string(x) && nzchar(x))) {
    abort_argument(
      "`", name, "` must be one non-empty string, not ", describe(x), "."
    )
  }
  x
}

# A number of seconds, or how many of something.
check_number <- function(x, name, from = 0) {
  if (!is_number(x) || x < from) {
    abort_argument(
      "`", name, "` must be one number of at least ", from, ", not ",
      describe(x), "."
    )
  }
  x
}

check_headers <- function(headers) {
  named <- length(headers) == 0L || (is.character(headers) &&
    !anyNA(headers) && !is.null(names(headers)) && all(nzchar(names(headers))))
  if (!named) {
    abort_argument(
      "`headers` must be a named character vector, such as ",
      "c(\"X-Team\" = \"research\")."
    )
  }
  headers
}

# NULL when the file at `path` can be sent, else what the call returns.
check_file <- function(path) {
  problem <- if (is.null(path)) {
    "path is NULL"
  } else if (!is_string(path) || !file.exists(path)) {
    paste0("path (", paste(format(path), collapse = ", "), ") is not exists")
  } else if (dir.exists(path)) {
    paste0("path (", path, ") is a directory")
  } else if (file.access(path, mode = 4L) != 0L) {
    paste0("path (", path, ") is not readable")
  }
  if (!is.null(problem)) {
    list(success = FALSE, data = problem)
  }
}

# Stops unless the packages, which are only suggested, are installed.
check_installed <- function(packages, what) {
  missing <- packages[!vapply(
    packages, requireNamespace, logical(1), quietly = TRUE
  )]
  if (length(missing)) {
    abort_argument(
      what, " needs the package", if (length(missing) > 1L) "s", " ",
      paste(missing, collapse = ", "), ", not installed here: ",
      "install.packages(c(", paste0("\"", missing, "\"", collapse = ", "),
      "))."
    )
  }
}
