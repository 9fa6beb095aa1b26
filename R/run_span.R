# The spans of a run of many requests: one of the run, and below it one of each
# request, which is recorded when it has ended. Runs that can be larger than
# memory, or whose requests others send (workers, batches), have only the first,
# with the tokens of all: a span for each of a million requests would help
# nobody, and the tokens of a run with spans of its requests would count twice.

# Starts the span of a run; NULL unless spans are recorded. `requests` are from
# api_request(), or the first of them if the others are not in memory;
# `count` is their number, or NA. `record_outcomes(received)` records requests
# that have ended, `end(answered, failed, failure)` the run, which `failure`
# ended early.
run_span <- function(requests, config, count = length(requests)) {
  if (length(requests) == 0L || !is_tracing()) {
    return(NULL)
  }
  base_url <- config$owner()$address
  before <- tokens_used(config)
  has_children <- FALSE
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
    record_outcomes = function(received) {
      # Requests that were not sent have no times, nor have those of workers.
      for (index in which(!is.na(received$began))) {
        has_children <<- TRUE
        record(
          requests[[received$index[[index]]]], received$outcomes[[index]],
          received$began[[index]], received$seconds[[index]]
        )
      }
    },
    end = function(answered, failed, failure = NULL) {
      end_span(
        span,
        c(
          list(
            openaistream.answered = as.integer(answered),
            openaistream.failed = as.integer(failed)
          ),
          if (!has_children) {
            tokens <- tokens_used(config) - before
            list(
              gen_ai.request.model = model_of(first),
              gen_ai.usage.input_tokens = tokens[["input"]],
              gen_ai.usage.output_tokens = tokens[["output"]],
              gen_ai.usage.cache_read.input_tokens = tokens[["cached"]]
            )
          }
        ),
        if (!is.null(failure)) error_type(failure), failure$message
      )
    }
  )
}

# The tokens that a client has used so far.
tokens_used <- function(config) {
  vapply(config$used()[c("input", "cached", "output")], sum, 1)
}
