#' @param verbosity What to print during the call: `0` nothing, `1` the headers
#'   of the request and the response, `2` also their bodies, `3` also messages
#'   about the connection.
#' @section Failed calls:
#' A failed call does not stop the script. It warns (class
#' `openai_failed_call_warning`) and returns `list(success = FALSE, message =
#' "...", type = "general")`, whose `message` contains the HTTP status and the
#' server's message. With `on_error = "stop"` (see [openai]), it signals an
#' error. If the value may not be a list, test for a failure with
#' `is.list(x) && isFALSE(x$success)`.
#' @section Promises:
#' Every method has an asynchronous version with the suffix `_async` and the
#' same arguments, which immediately returns a promise of the value
#' (<https://rstudio.github.io/promises/>; packages later and promises). All
#' failures reject the promise with a condition ([openai_error]), without a
#' warning.
