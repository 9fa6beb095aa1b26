#' Get the record of a call
#'
#' The record returned by `$last()` of an [openai] client for the client's last
#' call, and by `$call` of a [DataStream] for the call of the stream. A record
#' can be read while its call runs, and it never contains a key, a prompt or an
#' answer.
#'
#' A record is a list with a `print()` method; `unclass()` removes its class. A
#' call may consist of several requests: the pages of a list, the parts of a
#' matrix of embeddings, or the prompts of `$map()` and the requests of
#' `$parallel()`. Then the record is a summary of all of them.
#'
#' \describe{
#'   \item{`method`, `path`, `server`}{the request: `"POST"`,
#'   `"/v1/responses"`, `"https://api.openai.com"`}
#'   \item{`state`}{`"running"`, `"complete"`, `"failed"` or `"cancelled"`;
#'   several requests have failed if none was answered}
#'   \item{`started`}{when the call began, a POSIXct}
#'   \item{`status`, `request_id`}{the HTTP status and the header `x-request-id`
#'   of the last answer; `NA` if there was none}
#'   \item{`response_id`}{the id of the response or run, otherwise `NA`}
#'   \item{`error`}{the message of the last request that failed, otherwise
#'   `NA`}
#'   \item{`model`}{the models that answered, a character vector}
#'   \item{`tokens`}{the number of tokens: `input`, of which `cached`, and
#'   `output`, of which `reasoning`; `NA` if not reported yet}
#'   \item{`estimated`}{whether some of these numbers are estimates, as in
#'   `$usage()` of [openai]}
#'   \item{`cost`}{in US dollars, see [model_prices()]; `NA` if unknown}
#'   \item{`timings`}{seconds since the call began: `first_byte`, the headers of
#'   the last response; `first_token`, the first text of a stream; `total`, the
#'   end, or until now. `connect` is how long the last connection took to
#'   establish, `NA` if an existing connection was used. `tokens_per_second` is
#'   the rate from the first token of a stream, or from the beginning of another
#'   call, to the end}
#'   \item{`reused`}{whether the last request used an existing connection; `NA`
#'   if it was not answered}
#'   \item{`attempts`}{a data frame with a row for each completed attempt, for
#'   the last 100 of many: `status`; `reason`, why it failed, such as `"HTTP 429
#'   (limit of requests)"`; `seconds`; `wait`, the pause before the next
#'   attempt, in seconds; `request_id`}
#'   \item{`retries`}{a data frame of the failed attempts: `reason` and
#'   `count`}
#'   \item{`waited`}{all pauses between attempts, in seconds}
#'   \item{`rate_limits`}{what the last answer reported in its headers
#'   (<https://platform.openai.com/docs/guides/rate-limits>), a data frame with
#'   rows `"requests"` and `"tokens"` and the columns `limit`, `remaining` and
#'   `reset`, the time at which the limit is full again; `NULL` if it reported
#'   none}
#'   \item{`requests`, `answered`, `failed`}{the number of requests}
#'   \item{`sent`}{the number of completed attempts of all requests}
#' }
#'
#' @examples
#' server <- local_server()
#' client <- openai$new("sk-demo", base_url = server$url)
#' client$responses$create("Hello", "gpt-6-luna")
#' client$last()
#' client$last()$timings[["total"]]
#' server$stop()
#' @name call_record
#' @aliases openai_call
NULL

# Converts the record of the core (rust/bridge/src/call_record.rs) for the user;
# NULL if there is none.
call_record <- function(known) {
  if (is.null(known)) {
    return(NULL)
  }
  texts <- structure(as.list(known$texts), names = record_texts)
  numbers <- structure(as.list(known$numbers), names = record_numbers)
  rows <- known$rows
  attempts <- known$attempts
  attempts$status <- as.integer(attempts$status)
  structure(
    list(
      method = texts$method, path = texts$path, server = texts$server,
      state = texts$state, started = as_time(numbers$began),
      status = as.integer(numbers$status), request_id = texts$request_id,
      response_id = texts$response_id, error = texts$error,
      model = unique(as.character(rows$model[!is.na(rows$model)])),
      tokens = recorded_tokens(rows), estimated = any(rows$estimated > 0),
      cost = recorded_cost(rows),
      timings = record_timings(numbers, rows),
      reused = if (is.na(numbers$first_byte)) NA else is.na(numbers$connect),
      attempts = as.data.frame(attempts),
      retries = as.data.frame(known$reasons),
      waited = numbers$waited, rate_limits = rate_limits(known$limits),
      requests = numbers$requests, answered = numbers$answered,
      failed = numbers$failed, sent = numbers$sent
    ),
    class = "openai_call"
  )
}

# The texts in a record of the core, in its order.
record_texts <- c(
  "method", "path", "server", "state", "request_id", "response_id", "error"
)
record_numbers <- c(
  "began", "elapsed", "ended", "connect", "first_byte", "first_token",
  "requests", "answered", "failed", "sent", "waited", "status"
)

as_time <- function(seconds) {
  as.POSIXct(seconds, origin = "1970-01-01")
}

recorded_tokens <- function(rows) {
  is_told <- any(rows$requests > rows$unreported)
  vapply(rows[c("input", "cached", "output", "reasoning")], function(counts) {
    if (is_told) sum(counts) else NA_real_
  }, 1)
}

# An unknown price must not cause a warning when a record is read.
recorded_cost <- function(rows) {
  if (length(rows$model)) {
    suppressWarnings(
      sum(cost_of_rows(rows)), classes = "openai_price_warning"
    )
  } else {
    NA_real_
  }
}

record_timings <- function(numbers, rows) {
  began <- if (is.na(numbers$first_token)) 0 else numbers$first_token
  spent <- numbers$ended - began
  output <- recorded_tokens(rows)[["output"]]
  c(
    connect = numbers$connect, first_byte = numbers$first_byte,
    first_token = numbers$first_token,
    total = if (is.na(numbers$ended)) numbers$elapsed else numbers$ended,
    tokens_per_second = if (isTRUE(spent > 0)) output / spent else NA_real_
  )
}

rate_limits <- function(values) {
  if (length(values)) {
    limits <- matrix(values[-1], nrow = 2, byrow = TRUE)
    limits <- data.frame(
      limit = limits[, 1], remaining = limits[, 2],
      reset = as_time(values[[1]] + limits[, 3]),
      row.names = c("requests", "tokens")
    )
    limits[!is.na(limits$remaining), ]
  }
}

#' @export
print.openai_call <- function(x, ...) {
  cat("<openai_call> ", x$method, " ", x$server, x$path, "\n", sep = "")
  facts <- c(
    state = state_line(x), started = format(x$started),
    "request id" = x$request_id, "response id" = x$response_id,
    error = if (!is.na(x$error)) shortened(gsub("[[:space:]]+", " ", x$error)),
    model = if (length(x$model)) toString(x$model), tokens = tokens_line(x),
    time = time_line(x), attempts = attempts_line(x),
    rate_lines(x$rate_limits)
  )
  facts <- facts[!is.na(facts)]
  cat(sprintf("  %s: %s\n", names(facts), facts), sep = "")
  invisible(x)
}

state_line <- function(x) {
  paste(c(
    x$state, if (!is.na(x$status)) paste("HTTP", x$status),
    if (x$requests > 1) {
      paste0(
        in_digits(x$requests), " requests (", in_digits(x$answered),
        " answered, ", in_digits(x$failed), " failed)"
      )
    }
  ), collapse = ", ")
}

tokens_line <- function(x) {
  tokens <- x$tokens
  if (!is.na(tokens[["output"]])) {
    part <- function(name) {
      count <- tokens[[name]]
      if (count > 0) paste0(" (", in_digits(count), " ", name, ")")
    }
    paste0(
      if (x$estimated) "about ", in_digits(tokens[["input"]]), " in",
      part("cached"), ", ", in_digits(tokens[["output"]]), " out",
      part("reasoning"),
      if (!is.na(x$cost)) {
        paste0(", $", format(signif(x$cost, 3), digits = 3, scientific = FALSE))
      }
    )
  }
}

time_line <- function(x) {
  seconds <- x$timings
  # The timings are those of the last of several requests.
  if (x$requests > 1) {
    seconds[c("connect", "first_byte", "first_token")] <- NA
    x$reused <- NA
  }
  part <- function(label, name) {
    if (!is.na(seconds[[name]])) paste0(label, in_seconds(seconds[[name]]))
  }
  rate <- seconds[["tokens_per_second"]]
  paste(c(
    in_seconds(seconds[["total"]]), part("connecting ", "connect"),
    if (isTRUE(x$reused)) "connection reused",
    part("first byte after ", "first_byte"),
    part("first token after ", "first_token"),
    if (isTRUE(rate > 0)) paste(format(rate, digits = 3), "tokens per second")
  ), collapse = ", ")
}

in_seconds <- function(seconds) {
  paste(format(seconds, digits = 3), "s")
}

# NULL if the first attempt succeeded.
attempts_line <- function(x) {
  if (nrow(x$retries)) {
    reasons <- paste0(
      x$retries$reason, ifelse(x$retries$count > 1,
        paste0(" (", trimws(in_digits(x$retries$count)), " times)"), ""
      )
    )
    paste0(
      in_digits(x$sent), "; failed: ", paste(reasons, collapse = ", "),
      if (x$waited > 0) paste0("; waited ", in_seconds(x$waited))
    )
  }
}

# One for each limit.
rate_lines <- function(limits) {
  if (!is.null(limits)) {
    structure(
      paste0(
        trimws(in_digits(limits$remaining)), ifelse(
          is.na(limits$limit), "", paste(" of", trimws(in_digits(limits$limit)))
        ),
        ", full again at ", format(limits$reset, "%H:%M:%S")
      ),
      names = paste(row.names(limits), "left")
    )
  }
}
