#' @param verbosity What the call prints while it runs: `0` nothing, `1` the
#'   headers of request and answer, `2` also their bodies, `3` also messages
#'   about the connection.
#' @section Failed calls:
#' A call that fails does not stop the script. It warns (class
#' `openai_failed_call_warning`) and returns
#' `list(success = FALSE, message = "...", type = "general")`, whose `message`
#' tells the HTTP status and what the server said. With `on_error = "stop"` (see
#' [openai]) it stops. Where an answer may be
#' something else than a list, look for a failure with
#' `is.list(x) && isFALSE(x$success)`.
#' @section Promises:
#' Every method has a twin with `_async` behind its name, which takes the same
#' arguments, returns at once and gives a promise of the value
#' (<https://rstudio.github.io/promises/>; packages later and promises). All
#' failures reject the promise, with a condition ([openai_error]); none warns.
