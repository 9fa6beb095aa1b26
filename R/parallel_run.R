#' A run of many requests
#'
#' @description
#' Collects the outcomes of the requests of one run, which continues in the
#' background, and returns the value of the call.
#' @noRd
ParallelRun <- R6::R6Class(
  "ParallelRun",
  cloneable = FALSE,
  public = list(
    # `source` sends the requests, see `core_source()`; `indexes` are their
    # positions in `results`, from `new_answers()`; for the others see
    # `run_parallel()`. Sends nothing yet. `span` is from `run_span()`.
    initialize = function(source, settings, results, indexes, then = identity,
                          call = NULL, span = NULL) {
      private$source <- source
      private$span <- span
      private$settings <- settings
      private$results <- results
      private$total <- length(results)
      private$indexes <- indexes
      private$done <- length(results) - length(indexes)
      private$then <- then
      private$call <- call
      private$is_finished <- length(indexes) == 0L
    },

    # Sends all and waits. An interrupt, wherever R notices it, cancels the
    # active requests and returns the completed results.
    wait = function() {
      display <- count_display(private$settings$progress, private$total)
      on.exit({
        private$source$close()
        display$close()
      })
      withCallingHandlers(
        {
          private$start()
          while (!private$is_finished) {
            private$take(min(display$poll_interval, private$poll_interval()))
            display$draw(
              private$done, private$failures, private$blocked_seconds
            )
          }
        },
        interrupt = function(e) {
          private$interrupt()
          tryInvokeRestart("resume")
        }
      )
      private$value()
    },

    promise = function() {
      check_installed(c("later", "promises"), "A promise of a call")
      promises::promise(function(resolve, reject) {
        await <- function() {
          when_woken(deliver, function(number, loop) {
            private$source$wake_when_ready(number, loop)
          })
        }
        proceed <- function() {
          if (!private$is_finished) {
            return(await())
          }
          private$source$close()
          resolve(private$value())
        }
        deliver <- function() {
          tryCatch(
            {
              private$take(0)
              proceed()
            },
            error = function(e) {
              private$source$close()
              reject(e)
            },
            interrupt = function(e) reject(interrupted_condition())
          )
        }
        private$start()
        proceed()
      })
    }
  ),
  private = list(
    source = NULL,
    settings = NULL,

    # The number of results.
    total = NULL,
    results = NULL,
    indexes = NULL,
    # How many requests have finished, and their outcomes: lists of `indexes`,
    # `results`, `attempts` and `seconds`, combined at the end, because each
    # change of a long list may copy it.
    done = 0,
    received = list(),
    then = NULL,
    call = NULL,
    span = NULL,
    is_finished = FALSE,
    interrupted = FALSE,
    replaced = FALSE,
    failures = 0,
    blocked_seconds = 0,
    wait_reported = FALSE,

    # What ended the run before all requests had finished.
    failure = NULL,

    # The condition that reports that the budget is exhausted.
    budget_error = NULL,

    start = function() {
      if (!private$is_finished) {
        private$source$start()
        if (private$interrupted) private$source$cancel()
      }
    },

    # Reads the outcomes of requests, waiting for the first at most `timeout`
    # seconds.
    take = function(timeout) {
      received <- private$source$take(timeout)
      if (!is.null(received$interrupted)) {
        return(private$interrupt())
      }
      received <- unwrap(received)
      private$blocked_seconds <- received$blocked_seconds
      private$report_wait()
      private$record_outcomes(received)
    },

    # Records the outcomes.
    record_outcomes = function(received) {
      # An error in the conversion of one value becomes the element of its
      # request; one handler for all is faster than one for each.
      results <- tryCatch(
        lapply(received$outcomes, private$result),
        error = function(e) {
          lapply(received$outcomes, function(outcome) {
            tryCatch(private$result(outcome), error = identity)
          })
        }
      )
      failed <- vapply(results, inherits, TRUE, what = "error")
      if (!is.null(private$span)) private$span$record_outcomes(received)
      indexes <- private$indexes[received$index]
      private$done <- private$done + length(indexes)
      private$received[[length(private$received) + 1L]] <- list(
        indexes = indexes, results = results,
        attempts = received$attempts, seconds = received$seconds
      )
      private$failures <- private$failures + sum(failed)
      if (any(failed) && private$settings$stops_at_failure) {
        first <- which(failed)[[1]]
        private$fail(results[[first]], indexes[[first]])
      } else if (is.list(received$end) && !private$interrupted) {
        private$end_early(openai_condition(received$end))
      } else {
        private$is_finished <- !is.null(received$end)
      }
    },

    # How long a wait may last before it is reported; only a wait that the user
    # allowed is that long.
    poll_interval = function() {
      if (private$settings$max_wait > long_wait) 1 else Inf
    },

    report_wait = function() {
      if (private$blocked_seconds > long_wait && !private$wait_reported) {
        private$wait_reported <- TRUE
        message(
          "The server asks to wait ", ceiling(private$blocked_seconds),
          " s; the run continues after that."
        )
      }
    },

    # The element of one request.
    result = function(outcome) {
      if (inherits(outcome, "error")) {
        return(outcome)
      }
      if (!is.null(outcome$error)) {
        return(openai_condition(outcome$error))
      }
      if (outcome$ok$replaced) private$replaced <- TRUE
      private$then(outcome$ok$value)
    },

    # Ends the run before all requests were sent. If the budget is exhausted and
    # failures are returned, the remaining requests have failed.
    end_early = function(condition) {
      if (inherits(condition, "openai_budget_error")) {
        private$budget_error <- condition
      }
      if (is.null(private$budget_error) || private$settings$stops_at_failure) {
        private$fail(condition)
      }
      private$is_finished <- TRUE
    },

    fail = function(condition, index = NULL) {
      private$failure <- condition
      private$failure$index <- index
      private$is_finished <- TRUE
      private$source$cancel()
    },

    # The source ends the run, so no wait outlasts this.
    interrupt = function() {
      private$interrupted <- TRUE
      private$source$cancel()
    },

    # Inserts the results at their indexes; returns how many are missing.
    collect_results = function() {
      received <- function(part) {
        unlist(lapply(private$received, `[[`, part), recursive = FALSE)
      }
      indexes <- received("indexes")
      results <- as.list(private$results)
      results[indexes] <- received("results")
      left <- setdiff(private$indexes, indexes)
      results[left] <- list(private$budget_error %||% unfinished_condition())
      effort <- request_effort(private$results)
      effort$attempts[indexes] <- received("attempts")
      effort$attempts[left] <- NA
      effort$seconds[indexes] <- received("seconds")
      private$received <- list()
      private$results <- new_answers(
        results, effort, attr(private$results, "schema")
      )
      length(left)
    },

    # Signals the error that ended the run, with the results so far.
    stop_if_failed = function(results) {
      if (!is.null(private$failure)) {
        private$failure$call <- private$call
        private$failure$results <- results
        stop(private$failure)
      }
    },

    end_span = function() {
      counts <- vapply(private$received, function(received) {
        length(received$indexes)
      }, 1L)
      private$span$end(
        sum(counts) - private$failures, private$failures, private$failure
      )
    },

    value = function() {
      if (!is.null(private$span)) private$end_span()
      if (private$replaced) {
        warn_replaced()
      }
      left <- private$collect_results()
      private$stop_if_failed(private$results)
      if (!is.null(private$budget_error)) {
        warn_budget(private$budget_error, left)
      } else if (left) {
        warn_unfinished(left, private$total, private$settings$journal)
      }
      private$results
    }
  )
)

# What sends the requests of a run and returns their outcomes: the core, in the
# background. `take()` returns what `parallel_take()` does; `cancel()` keeps
# finished outcomes readable, `close()` does not. `debt()` is for how many
# seconds the requests sent so far use up the limits.
core_source <- function(fields) {
  run <- NULL
  debt <- 0
  cancel <- function() {
    if (!is.null(run)) unwrap(parallel_cancel(run))
  }
  list(
    start = function() run <<- unwrap(parallel_start(fields)),
    take = function(timeout) {
      received <- parallel_take(run, timeout)
      debt <<- received$ok$debt %||% debt
      received
    },
    cancel = cancel,
    close = cancel,
    wake_when_ready = function(number, loop) {
      unwrap(parallel_notify(run, number, loop))
    },
    debt = function() debt
  )
}

# How long a run waits without a message, in seconds.
long_wait <- 120

unfinished_condition <- function() {
  openai_condition(list(
    kind = "cancelled",
    message = "The run of requests ended before this one was answered."
  ))
}

warn_unfinished <- function(left, count, journal) {
  warn_openai(
    "interrupted",
    "Interrupted: ", left, " of ", count, " requests were not answered ",
    "(openai_cancelled_error). ",
    if (is.null(journal)) {
      "With a `journal`, a repeated call would send only these."
    } else {
      "The same call sends only these."
    }
  )
}
