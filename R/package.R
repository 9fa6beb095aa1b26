#' Streaming client of the OpenAI API
#'
#' Make a client with [openai], read streams with [DataStream], and try both
#' without a key against [local_server()].
#'
#' @section Options:
#' - `openaistream.attach`: `library(openaistream)` makes the exported functions
#'   of R6, jsonlite, httr2, iterators and curl available, as version 0.3.0 did by
#'   attaching these packages; each is loaded when one of its functions is first
#'   used, and those that are not installed are left out. Set it to `FALSE` before
#'   the package is attached to turn this off.
#'
#' @importFrom R6 R6Class
#' @useDynLib openaistream, .registration = TRUE
#' @keywords internal
"_PACKAGE"
