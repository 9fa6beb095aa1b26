#' A run of many requests as batches
#'
#' @description
#' Sends the requests of one call with [BatchJobs] and returns the value of the
#' call.
#' @noRd
BatchRun <- R6::R6Class(
  "BatchRun",
  cloneable = FALSE,
  public = list(
    # `fields` are for `batch_open()`, `settings` from `with_engine()`,
    # `indexes` are those of the requests in `results`; for the others see
    # `run_batches()`. Opens the journal; sends nothing yet.
    initialize = function(service, fields, settings, results, indexes, then,
                          call, ask_again, weights, collect, span = NULL) {
      private$settings <- settings
      private$results <- results
      private$indexes <- indexes
      private$then <- then
      private$call <- call
      private$ask_again <- ask_again
      private$collect <- collect
      private$span <- span
      private$journal <- fields$journal
      private$folder <- tempfile("openaistream-batch-")
      private$source <- unwrap(batch_open(fields))
      private$jobs <- BatchJobs$new(
        private$source, service,
        plan = list(
          bodies = fields$bodies, folder = private$folder,
          weights = if (!is.null(weights)) as.double(weights),
          requests = settings$batch_size, bytes = max_batch_bytes
        ),
        is_kept = !is.null(settings$journal),
        draw = function(done, failed) private$draw(done, failed)
      )
    },

    # An interrupt stops waiting and returns the completed results.
    wait = function() {
      private$display <- count_display(
        private$settings$progress, length(private$results)
      )
      progress <- private$settings$progress
      previous <- if (!is.null(progress)) {
        options(openaistream.progress = progress)
      }
      on.exit({
        options(previous)
        private$display$close()
        private$close()
      })
      tryCatch(
        private$jobs$settle(private$unusable()),
        openai_error = function(e) private$fail(e),
        interrupt = function(e) private$interrupted <- TRUE
      )
      private$value()
    },

    promise = function() {
      settled <- or_else(
        function() {
          promises::promise(function(resolve, reject) {
            resolve(private$jobs$settle(private$unusable()))
          })
        },
        function(e) private$fail(e)
      )
      value <- promises::then(settled, function(x) private$value())
      promises::finally(value, function() private$close())
    }
  ),
  private = list(
    settings = NULL,
    results = NULL,
    indexes = NULL,
    then = NULL,
    call = NULL,
    ask_again = NULL,
    collect = NULL,

    # A temporary file if the user named none.
    journal = NULL,

    # The folder of the request and result files.
    folder = NULL,

    # The run of the core, and its batches.
    source = NULL,
    jobs = NULL,

    # A promise has none.
    display = NULL,
    interrupted = FALSE,

    # The error that ended the run, and its span; NULL if there is none.
    failure = NULL,
    span = NULL,
    replaced = FALSE,

    close = function() {
      if (!is.null(private$span)) private$end_span()
      unwrap(batch_close(private$source))
      unlink(private$folder, recursive = TRUE)
      if (is.null(private$settings$journal)) unlink(private$journal)
    },

    draw = function(done, failed) {
      if (!is.null(private$display)) private$display$draw(done, failed, 0)
    },

    # The numbers of the requests to send again.
    unusable = function() {
      if (is.null(private$ask_again)) {
        return(NULL)
      }
      which(unlist(private$map_outcomes(function(outcome) {
        !is.null(outcome$ok) && tryCatch(
          private$ask_again(private$then(outcome$ok$value)),
          error = function(e) FALSE
        )
      })))
    },

    # Applies `f` to the outcomes of all requests, some at a time, because all
    # of them may need much memory.
    map_outcomes = function(f) {
      count <- length(private$indexes)
      starts <- seq(1, count, by = outcomes_at_once)
      outcomes <- lapply(starts, function(from) {
        to <- min(from + outcomes_at_once - 1, count)
        lapply(unwrap(batch_results(private$source, from, to)), f)
      })
      unlist(outcomes, recursive = FALSE)
    },

    # The element of one request.
    result = function(outcome) {
      if (is.null(outcome)) {
        return(unfinished_condition())
      }
      if (!is.null(outcome$error)) {
        return(openai_condition(outcome$error))
      }
      if (outcome$ok$replaced) private$replaced <- TRUE
      tryCatch(private$then(outcome$ok$value), error = identity)
    },

    # Inserts the results at their indexes; returns which requests failed.
    collect_results = function() {
      outcomes <- private$map_outcomes(private$result)
      private$results[private$indexes] <- new_answers(
        outcomes, batch_effort(length(outcomes))
      )
      vapply(outcomes, inherits, NA, what = "error")
    },

    value = function() {
      if (private$interrupted) {
        private$warn_interrupted()
      }
      if (!is.null(private$collect)) {
        return(private$collect(private$source))
      }
      failed <- private$collect_results()
      if (private$replaced) {
        warn_replaced()
      }
      if (any(failed) && private$settings$stops_at_failure &&
        !private$interrupted) {
        first <- private$indexes[failed][[1]]
        private$stop_with(private$results[[first]], index = first)
      }
      private$results
    },

    # Signals an error because the batches could not be sent or polled.
    fail = function(condition) {
      condition$message <- paste0(
        condition$message, private$jobs$unfinished_batches()
      )
      private$collect_results()
      private$stop_with(condition, batches = private$jobs$ids())
    },

    # The results of an interrupted run were not collected if they have another
    # form.
    end_span = function() {
      is_known <- !private$interrupted || is.null(private$collect)
      failed <- sum(vapply(
        private$results[private$indexes], inherits, NA,
        what = "error"
      ))
      count <- length(private$indexes)
      private$span$end(
        if (is_known) count - failed, if (is_known) failed, private$failure
      )
    },

    stop_with = function(condition, ...) {
      condition[c("call", ...names())] <- list(private$call, ...)
      condition$results <- private$results
      private$failure <- condition
      stop(condition)
    },

    warn_interrupted = function() {
      warn_openai(
        "interrupted",
        "Interrupted: requests that were not answered have conditions of ",
        "class openai_cancelled_error as their elements.",
        private$jobs$unfinished_batches()
      )
    }
  )
)

# How many answers to convert at a time.
outcomes_at_once <- 1000
