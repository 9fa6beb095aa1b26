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
    # `source` sends the requests, see `core_source()`; `places` are their
    # places among `results`, from `new_answers()`; for the others see
    # `run_parallel()`. Sends nothing yet. `span` is from `run_span()`.
    initialize = function(source, settings, results, places, then = identity,
                          call = NULL, span = NULL) {
      private$source <- source
      private$span <- span
      private$settings <- settings
      private$results <- results
      private$total <- length(results)
      private$places <- places
      private$done <- length(results) - length(places)
      private$then <- then
      private$call <- call
      private$is_over <- length(places) == 0L
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
          while (!private$is_over) {
            private$take(min(display$patience, private$patience()))
            display$draw(
              private$done, private$failures, private$held
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
          if (!private$is_over) {
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
    places = NULL,
    # How many requests have finished, and their outcomes: lists of `places`,
    # `results`, `attempts` and `seconds`, combined at the end, because each
    # change of a long list may copy it.
    done = 0,
    taken = list(),
    then = NULL,
    call = NULL,
    span = NULL,
    is_over = FALSE,
    interrupted = FALSE,
    replaced = FALSE,
    failures = 0,
    held = 0,
    told_wait = FALSE,

    # What ended the run before all requests had finished.
    failure = NULL,

    # The condition that reports that the budget is exhausted.
    used_up = NULL,

    start = function() {
      if (!private$is_over) {
        private$source$start()
        if (private$interrupted) private$source$cancel()
      }
    },

    # Reads the outcomes of requests, waiting for the first at most `timeout`
    # seconds.
    take = function(timeout) {
      taken <- private$source$take(timeout)
      if (!is.null(taken$interrupted)) {
        return(private$interrupt())
      }
      taken <- unwrap(taken)
      private$held <- taken$held
      private$tell_wait()
      private$note(taken)
    },

    # Records the outcomes.
    note = function(taken) {
      # An error in the conversion of one value becomes the element of its
      # request; one handler for all is faster than one for each.
      results <- tryCatch(
        lapply(taken$outcomes, private$result),
        error = function(e) {
          lapply(taken$outcomes, function(outcome) {
            tryCatch(private$result(outcome), error = identity)
          })
        }
      )
      failed <- vapply(results, inherits, TRUE, what = "error")
      if (!is.null(private$span)) private$span$note(taken)
      places <- private$places[taken$index]
      private$done <- private$done + length(places)
      private$taken[[length(private$taken) + 1L]] <- list(
        places = places, results = results,
        attempts = taken$attempts, seconds = taken$seconds
      )
      private$failures <- private$failures + sum(failed)
      if (any(failed) && private$settings$stops_at_failure) {
        first <- which(failed)[[1]]
        private$fail(results[[first]], places[[first]])
      } else if (is.list(taken$end) && !private$interrupted) {
        private$end_early(openai_condition(taken$end))
      } else {
        private$is_over <- !is.null(taken$end)
      }
    },

    # How long a wait may last before it is reported; only a wait that the user
    # allowed is that long.
    patience = function() {
      if (private$settings$max_wait > long_wait) 1 else Inf
    },

    tell_wait = function() {
      if (private$held > long_wait && !private$told_wait) {
        private$told_wait <- TRUE
        message(
          "The server asks to wait ", ceiling(private$held), " s; the run ",
          "continues after that."
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
        private$used_up <- condition
      }
      if (is.null(private$used_up) || private$settings$stops_at_failure) {
        private$fail(condition)
      }
      private$is_over <- TRUE
    },

    fail = function(condition, index = NULL) {
      private$failure <- condition
      private$failure$index <- index
      private$is_over <- TRUE
      private$source$cancel()
    },

    # The source ends the run, so no wait outlasts this.
    interrupt = function() {
      private$interrupted <- TRUE
      private$source$cancel()
    },

    # Puts the results into their places; returns how many places are empty.
    put_together = function() {
      taken <- function(part) {
        unlist(lapply(private$taken, `[[`, part), recursive = FALSE)
      }
      places <- taken("places")
      results <- as.list(private$results)
      results[places] <- taken("results")
      left <- setdiff(private$places, places)
      results[left] <- list(private$used_up %||% unfinished_condition())
      effort <- effort_of(private$results)
      effort$attempts[places] <- taken("attempts")
      effort$attempts[left] <- NA
      effort$seconds[places] <- taken("seconds")
      private$taken <- list()
      private$results <- new_answers(
        results, effort, attr(private$results, "schema")
      )
      length(left)
    },

    # Signals the error that ended the run, with the results so far.
    stop_where_failed = function(results) {
      if (!is.null(private$failure)) {
        private$failure$call <- private$call
        private$failure$results <- results
        stop(private$failure)
      }
    },

    end_span = function() {
      over <- vapply(private$taken, function(taken) length(taken$places), 1L)
      private$span$end(
        sum(over) - private$failures, private$failures, private$failure
      )
    },

    value = function() {
      if (!is.null(private$span)) private$end_span()
      if (private$replaced) {
        warn_replaced()
      }
      left <- private$put_together()
      private$stop_where_failed(private$results)
      if (!is.null(private$used_up)) {
        warn_budget(private$used_up, left)
      } else if (left) {
        warn_unfinished(left, private$total, private$settings$journal)
      }
      private$results
    }
  )
)

# What sends the requests of a run and returns their outcomes: the core, in the
# background. `take()` returns what `parallel_take()` does; `cancel()` keeps
# finished outcomes readable, `close()` does not. `owed()` is for how many
# seconds the requests sent so far use up the limits.
core_source <- function(fields) {
  run <- NULL
  owed <- 0
  cancel <- function() {
    if (!is.null(run)) unwrap(parallel_cancel(run))
  }
  list(
    start = function() run <<- unwrap(parallel_start(fields)),
    take = function(timeout) {
      taken <- parallel_take(run, timeout)
      owed <<- taken$ok$owed %||% owed
      taken
    },
    cancel = cancel,
    close = cancel,
    wake_when_ready = function(number, loop) {
      unwrap(parallel_notify(run, number, loop))
    },
    owed = function() owed
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
