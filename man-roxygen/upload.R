#' @section Files that cannot be sent:
#' Paths are checked before anything is sent. A path that is `NULL` returns
#' `list(success = FALSE, data = "path is NULL")`, a path `P` that does not
#' exist `list(success = FALSE, data = "path (P) is not exists")`.
