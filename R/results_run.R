#' A run to a results file
#'
#' @description
#' Runs in the background like any run of many requests; supplies the prompts if
#' they are not in a file.
#' @noRd
ResultsRun <- R6::R6Class(
  "ResultsRun",
  inherit = ParallelRun,
  cloneable = FALSE,
  public = list(
    # `source` is from `results_source()`, `next_chunk` returns prompts, `total`
    # is their number or NA, `parse_settings` is what read_results() needs.
    # Sends nothing yet.
    initialize = function(source, settings, next_chunk, total, parse_settings,
                          call, span = NULL) {
      private$source <- source
      private$settings <- settings
      private$next_chunk <- next_chunk
      private$total <- total
      private$parse_settings <- parse_settings
      private$call <- call
      private$span <- span
    }
  ),
  private = list(
    # NULL if the prompts are in a file, and after the last.
    next_chunk = NULL,
    parse_settings = NULL,

    # The error that ended the prompts, if any.
    chunk_failure = NULL,

    # The condition of the first request that failed, and its index.
    first_failure = NULL,

    start = function() {
      super$start()
      private$supply_prompts()
    },

    # Supplies the next prompts, if there are any.
    supply_prompts = function() {
      if (is.null(private$next_chunk)) {
        return()
      }
      chunk <- tryCatch(
        private$next_chunk(),
        error = function(e) list(failure = e),
        interrupt = function(e) {
          private$interrupt()
          NULL
        }
      )
      private$chunk_failure <- chunk$failure
      if (length(chunk$prompts)) {
        private$source$supply_prompts(chunk)
      }
      if (!length(chunk$prompts) || !is.null(chunk$failure)) {
        private$next_chunk <- NULL
        private$source$supply_prompts()
      }
    },

    record_outcomes = function(received) {
      private$done <- received$answered + received$failed
      private$failures <- received$failed
      if (!is.null(received$failure) && is.null(private$first_failure)) {
        private$first_failure <- openai_condition(received$failure$error)
        private$first_failure$index <- received$failure$index
      }
      if (is.null(received$end)) {
        if (received$prompts_needed && !private$interrupted) {
          private$supply_prompts()
        }
      } else {
        private$end(received$end)
      }
    },

    end = function(end) {
      private$is_finished <- TRUE
      if (private$interrupted) {
        return()
      }
      failure <- if (private$settings$stops_at_failure) private$first_failure
      failure <- failure %||% private$chunk_failure
      if (!is.null(failure)) {
        private$fail(failure, failure$index)
      } else if (is.list(end)) {
        private$end_early(openai_condition(end))
      }
    },

    # The completed results.
    so_far = function() {
      is_whole <- !private$interrupted && is.null(private$failure) &&
        is.null(private$budget_error)
      left <- if (is_whole) 0 else private$total - private$done
      new_results(
        private$settings$results, private$done - private$failures,
        private$failures, left, private$first_failure, private$parse_settings
      )
    },

    end_span = function() {
      private$span$end(
        private$done - private$failures, private$failures, private$failure
      )
    },

    value = function() {
      if (!is.null(private$span)) private$end_span()
      results <- private$so_far()
      private$stop_if_failed(results)
      if (private$interrupted) {
        warn_left_in_file(private$done - private$failures, results$file)
      } else if (!is.null(private$budget_error)) {
        warn_budget(private$budget_error, results$left)
      }
      results
    }
  )
)

# The equivalent of `core_source()` for a run to a file, started by `start`;
# `supply_prompts()` supplies a chunk of prompts, each of which is the field
# `field` of a request, or says that there are no more.
results_source <- function(fields, field, start = results_start) {
  run <- NULL
  cancel <- function() {
    if (!is.null(run)) unwrap(results_cancel(run))
  }
  list(
    start = function() run <<- unwrap(start(fields)),
    supply_prompts = function(chunk = NULL) {
      unwrap(results_supply(
        run, chunk$json %||% chunk$prompts, field, chunk$ids, chunk$sent
      ))
    },
    take = function(timeout) results_take(run, timeout),
    summary = function() unwrap(rows_summary(run)),
    cancel = cancel,
    close = cancel,
    wake_when_ready = function(number, loop) {
      unwrap(results_notify(run, number, loop))
    }
  )
}

warn_left_in_file <- function(count, file) {
  warn_openai(
    "interrupted",
    "Interrupted: ", in_digits(count), " answers are in \"", file, "\"; ",
    "repeat the call to resume."
  )
}
