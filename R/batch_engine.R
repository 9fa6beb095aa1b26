# Requests as batches: `engine = "batch"`.

# The limits of one batch: https://platform.openai.com/docs/guides/batch
max_batch_requests <- 50000
max_batch_bytes <- 200e6

# Adds the settings for batches to those of a run, if `engine` is "batch".
with_engine <- function(settings, engine, batch_size, workers = NULL) {
  if (!is_string(engine) || !engine %in% c("direct", "batch")) {
    abort_argument(
      "`engine` must be \"direct\" or \"batch\", not ", describe(engine), "."
    )
  }
  if (engine == "direct") {
    return(settings)
  }
  refused <- c(
    rpm = !is.null(settings$rpm), tpm = !is.null(settings$tpm),
    workers = !is.null(workers)
  )
  if (any(refused)) {
    abort_argument(
      "`", names(which(refused))[[1]], "` is not for `engine = \"batch\"`: ",
      "the server sends the requests of a batch."
    )
  }
  settings$batch_size <- check_batch_size(batch_size)
  settings
}

check_batch_size <- function(batch_size) {
  check_number(batch_size, "batch_size", from = 1)
  check_optional(batch_size, "batch_size", whole = TRUE)
  if (batch_size > max_batch_requests) {
    abort_argument(
      "`batch_size` must be at most 50000 requests, as the API says, not ",
      batch_size, "."
    )
  }
  as.double(batch_size)
}

# Like run_parallel(), by batches. `weights` is how much each request counts
# towards the size of a batch; `collect` returns the value of the run, by
# default the list of results.
run_batches <- function(config, requests, settings, then = identity,
                        call = NULL, asynchronous = FALSE, missing = NULL,
                        finish = identity, ask_again = NULL, answer = "json",
                        weights = NULL, collect = NULL, schema = NULL) {
  results <- missing_answers(requests, missing, schema)
  indexes <- which(!vapply(requests, is.null, NA, USE.NAMES = FALSE))
  if (length(indexes) == 0L) {
    return(finish(results))
  }
  fields <- parallel_fields(
    config, requests[indexes], settings$max_wait,
    numbers = indexes
  )
  fields <- list(
    template = fields$templates[[1]], bodies = fields$bodies,
    numbers = fields$numbers,
    journal = settings$journal %||% tempfile("openaistream-journal-"),
    answer = answer
  )
  # As for resources: loading the classes must not be interrupted.
  run <- suspendInterrupts(BatchRun$new(
    batch_service(config, asynchronous), fields, settings, results, indexes,
    then, call, ask_again, weights, collect,
    run_span(requests[indexes], config)
  ))
  and_then(if (asynchronous) run$promise() else run$wait(), finish)
}
