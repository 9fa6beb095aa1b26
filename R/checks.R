# Argument checks shared by all classes.

is_string <- function(x) {
  is.character(x) && length(x) == 1L && !is.na(x)
}

is_number <- function(x) {
  is.numeric(x) && length(x) == 1L && is.finite(x)
}

# Describes a value in an error message.
describe <- function(x) {
  if (is.null(x)) {
    "NULL"
  } else if (is.factor(x)) {
    paste("a factor of length", length(x))
  } else if (is.atomic(x) && length(x) == 1L && !is.object(x)) {
    shortened(deparse(unname(x))[[1]])
  } else if (length(x) != 1L && is.atomic(x) && !is.object(x)) {
    paste("a vector of length", length(x))
  } else {
    paste("an object of class", class(x)[[1]])
  }
}

# Formats a count for people.
in_digits <- function(count) {
  format(count, big.mark = ",", scientific = FALSE)
}

# The beginning of a long text.
shortened <- function(text, limit = 60L) {
  if (nchar(text, type = "chars", allowNA = TRUE) %in% c(seq_len(limit), NA)) {
    text
  } else {
    paste0(substr(text, 1L, limit), "...")
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

# A number of seconds, or a count.
check_number <- function(x, name, from = 0) {
  if (!is_number(x) || x < from) {
    abort_argument(
      "`", name, "` must be one number of at least ", from, ", not ",
      describe(x), "."
    )
  }
  x
}

# The name of an API.
check_api <- function(api) {
  if (!is_string(api) || !api %in% c("responses", "chat")) {
    abort_argument(
      "`api` must be \"responses\" or \"chat\", not ", describe(api), "."
    )
  }
  api
}

# Seconds, possibly infinite.
check_timeout <- function(timeout) {
  if (!identical(timeout, Inf)) {
    check_number(timeout, "timeout")
  }
}

# A list whose elements all have different names; `what` describes an element.
check_names <- function(x, what) {
  names <- names(x) %||% rep("", length(x))
  if (!all(nzchar(names)) || anyDuplicated(names)) {
    abort_argument(what, " must have a unique name.")
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

# NULL if the file at `path` can be sent, else what the call returns.
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

# The expanded path of a file that exists or can be created.
check_file_name <- function(file, name) {
  path <- path.expand(check_string(file, name, optional = FALSE))
  if (dir.exists(path) || !dir.exists(dirname(path))) {
    abort_argument(
      "`", name, "` must name a file in a folder that exists, not ",
      describe(file), "."
    )
  }
  path
}

# A path at which a file can be created.
check_target <- function(path) {
  check_string(path, "path", optional = FALSE)
  if (dir.exists(path)) {
    abort_argument("`path` (", path, ") is a directory, not a file.")
  }
  if (!dir.exists(dirname(path))) {
    abort_argument(
      "`path` (", path, ") is in a directory that does not exist: make it ",
      "with dir.create()."
    )
  }
  path
}

check_function <- function(x, name, optional = FALSE) {
  if (!(optional && is.null(x)) && !is.function(x)) {
    abort_argument("`", name, "` must be a function, not ", describe(x), ".")
  }
  x
}

check_flag <- function(x, name) {
  if (!isTRUE(x) && !isFALSE(x)) {
    abort_argument("`", name, "` must be TRUE or FALSE, not ", describe(x), ".")
  }
  x
}

# Signals an error unless the packages, which are only suggested, are installed.
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

# Active bindings receive a value when something is assigned to them.
check_read_only <- function(value) {
  if (!missing(value)) {
    stop("This property is read-only.", call. = FALSE)
  }
}
