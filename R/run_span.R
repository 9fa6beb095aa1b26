# The spans of a run of many requests: one of the run, and below it one of each
# request, which is recorded when it has ended.

# Starts the span of a run of `requests`, what api_request() makes; NULL unless
# spans are recorded. `note(index, outcomes, began, seconds)` records
# requests that have ended, `end(failure)` the run.
run_span <- function(requests, base_url) {
  if (length(requests) == 0L || !is_tracing()) {
    return(NULL)
  }
  described <- function(request) {
    request[["base_url"]] <- base_url
    request
  }
  first <- described(requests[[1]])
  span <- start_span(
    paste("parallel", span_name(first)),
    c(
      request_attributes(first)[c("server.address", "server.port")],
      list(openaistream.requests = length(requests))
    ),
    kind = "internal"
  )
  counts <- c(answered = 0L, failed = 0L)
  record <- function(request, outcome, began, seconds) {
    request <- described(request)
    started <- as_time(began)
    child <- start_span(
      span_name(request), request_attributes(request),
      parent = span, started = started
    )
    error <- if (inherits(outcome, "error")) outcome else outcome$error
    if (is.null(error)) {
      counts[["answered"]] <<- counts[["answered"]] + 1L
      end_span(
        child, answer_attributes(outcome$ok$value),
        at = started + seconds
      )
    } else {
      counts[["failed"]] <<- counts[["failed"]] + 1L
      end_span(
        child, failure_attributes(error), error_type(error), error$message,
        at = started + seconds
      )
    }
  }
  list(
    note = function(taken) {
      # Requests that were not sent, and those of workers, have no times.
      for (place in which(!is.na(taken$began))) {
        record(
          requests[[taken$index[[place]]]], taken$outcomes[[place]],
          taken$began[[place]], taken$seconds[[place]]
        )
      }
    },
    end = function(failure = NULL) {
      end_span(
        span,
        list(
          openaistream.answered = counts[["answered"]],
          openaistream.failed = counts[["failed"]]
        ),
        if (!is.null(failure)) error_type(failure), failure$message
      )
    }
  )
}
