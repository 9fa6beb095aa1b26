# The spans of a run of many requests: one of the run, and below it one of each
# request, which is recorded when it has ended.

# Starts the span of a run; NULL unless spans are recorded. `requests` are from
# api_request(), or the first of them if the others are not in memory;
# `count` is their number, or NA. `note(taken)` records requests that have
# ended, `end(answered, failed, failure)` the run, which `failure` ended early.
run_span <- function(requests, config, count = length(requests)) {
  if (length(requests) == 0L || !is_tracing()) {
    return(NULL)
  }
  base_url <- config$owner()$address
  described <- function(request) {
    request[["base_url"]] <- base_url
    request
  }
  first <- described(requests[[1]])
  span <- start_span(
    paste("parallel", span_name(first)),
    c(
      request_attributes(first)[c("server.address", "server.port")],
      list(openaistream.requests = if (!is.na(count)) as.integer(count))
    ),
    kind = "internal"
  )
  record <- function(request, outcome, began, seconds) {
    request <- described(request)
    started <- as_time(began)
    child <- start_span(
      span_name(request), request_attributes(request),
      parent = span, started = started
    )
    error <- if (inherits(outcome, "error")) outcome else outcome$error
    at <- started + seconds
    if (is.null(error)) {
      end_span(child, answer_attributes(outcome$ok$value), at = at)
    } else {
      end_span(
        child, failure_attributes(error), error_type(error), error$message,
        at = at
      )
    }
  }
  list(
    note = function(taken) {
      # Requests that were not sent have no times, nor have those of workers.
      for (place in which(!is.na(taken$began))) {
        record(
          requests[[taken$index[[place]]]], taken$outcomes[[place]],
          taken$began[[place]], taken$seconds[[place]]
        )
      }
    },
    end = function(answered, failed, failure = NULL) {
      end_span(
        span,
        list(
          openaistream.answered = as.integer(answered),
          openaistream.failed = as.integer(failed)
        ),
        if (!is.null(failure)) error_type(failure), failure$message
      )
    }
  )
}
