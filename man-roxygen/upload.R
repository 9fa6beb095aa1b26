#' @section Files that cannot be sent:
#' Paths are looked at before anything is sent. A path that is `NULL` gives
#' `list(success = FALSE, data = "path is NULL")`, a path `P` that is not
#' there `list(success = FALSE, data = "path (P) is not exists")`.
