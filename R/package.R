#' Streaming client of the OpenAI API
#'
#' Make a client with [openai], read streams with [DataStream], and try both
#' without a key against [local_server()].
#'
#' @section Options:
#' - `openaistream.attach`: `library(openaistream)` makes the exported functions
#'   of R6, jsonlite, httr2, iterators and curl available, as version 0.3.0 did
#'   by attaching these packages; each is loaded when one of its functions is
#'   first used, and those that are not installed are left out. Set it to
#'   `FALSE` before the package is attached to turn this off.
#' - `openaistream.on_error`: what failed calls do, `"return"` or `"stop"`; see
#'   [openai_error].
#' - `openaistream.failed_call_warning`: `FALSE` lets a failed call that returns
#'   its value do so without the warning of class `openai_failed_call_warning`.
#' - `openaistream.bigint_as_char`: `TRUE` gives the integers of answers beyond
#'   2^53, not all of which R's numbers hold, as strings of their digits, as the
#'   argument of [jsonlite::fromJSON()] does; else they are the nearest numbers.
#' - `openaistream.skip_broken_events`: `TRUE` passes over events of a stream
#'   that are not JSON; else the first of them ends the stream with an error
#'   that quotes it.
#' - `openaistream.classes`: `TRUE` gives the answers of [chat] and [images] a
#'   class, with which `print()` shows their text and `plot()` draws their
#'   images; see [openai_answer()]. Else they are plain lists.
#' - `openaistream.progress`: whether calls that send or receive a megabyte or
#'   more, whose length is known, for longer than a second show a progress bar
#'   (needs package cli). `NULL`, the default, shows it on interactive
#'   terminals, `TRUE` everywhere, `FALSE` nowhere. Streams show none.
#' - `openaistream.prices`: prices of your own, a data frame; see
#'   [model_prices()].
#'
#' @section Debug log:
#' The environment variable `OPENAI_LOG` turns it on, for all clients; it is
#' read when a call is made. Lines go to standard error (R's messages), each
#' with its time of day (UTC):
#' - `info`: a line for each call with method, path, status, attempt, request id
#'   and seconds, and one for each attempt that is repeated, with its cause and
#'   the pause; streams that stop too early or are closed.
#' - `debug`: also headers, connections, and the ends of streams with their
#'   events and bytes.
#'
#' Anything else turns it off. Bodies are never logged, secrets are redacted. A
#' stream writes its lines when a value is taken from it and when it is closed.
#' What a single call did, with bodies, its argument `verbosity` prints.
#'
#' @importFrom R6 R6Class
#' @useDynLib openaistream, .registration = TRUE
#' @useDynLib openaistream, stream_next
#' @keywords internal
"_PACKAGE"
