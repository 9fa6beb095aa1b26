#' A run of many requests
#'
#' @description
#' Collects what becomes of the requests of one run of the core, which goes on in
#' the background, and makes the value of the call of it.
#' @noRd
ParallelRun <- R6::R6Class(
  "ParallelRun",
  cloneable = FALSE,
  public = list(
    # `source` is the run of the core, NULL where there is nothing to send; for
    # the others see `run_parallel()`.
    initialize = function(source, count, names, then, settings, call) {
      private$source <- source
      private$results <- structure(vector("list", count), names = names)
      private$is_done <- logical(count)
      private$then <- then
      private$settings <- settings
      private$call <- call
      private$is_over <- is.null(source)
    },

    # Waits for all requests. An interrupt ends the waiting wherever it meets it,
    # and what is done is returned.
    wait = function() {
      display <- count_display(
        private$settings$progress, length(private$results)
      )
      on.exit({
        private$close()
        display$close()
      })
      withCallingHandlers(
        {
          while (!private$is_over && !private$interrupted) {
            private$take(display$patience)
            display$draw(sum(private$is_done), private$failures)
          }
          if (!private$is_over) private$take(0)
        },
        interrupt = function(e) {
          private$interrupted <- TRUE
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
            unwrap(parallel_notify(private$source, number, loop))
          })
        }
        deliver <- function() {
          tryCatch(
            {
              private$take(0)
              if (private$is_over) resolve(private$value()) else await()
            },
            error = reject,
            interrupt = function(e) reject(interrupted_condition())
          )
        }
        if (private$is_over) resolve(private$value()) else await()
      })
    }
  ),
  private = list(
    source = NULL,
    results = NULL,
    is_done = NULL,
    then = NULL,
    settings = NULL,
    call = NULL,
    is_over = FALSE,
    interrupted = FALSE,
    replaced = FALSE,
    failures = 0,

    # What ended the run before all requests were over.
    failure = NULL,

    # Takes what has become of requests, waiting for the first at most `timeout`
    # seconds.
    take = function(timeout) {
      taken <- parallel_take(private$source, timeout)
      if (!is.null(taken$interrupted)) {
        private$interrupted <- TRUE
        return()
      }
      taken <- unwrap(taken)
      results <- lapply(taken$outcomes, private$result)
      failed <- vapply(results, inherits, TRUE, what = "error")
      private$results[taken$index] <- results
      private$is_done[taken$index] <- TRUE
      private$failures <- private$failures + sum(failed)
      if (any(failed) && private$settings$stops_at_failure) {
        first <- which(failed)[[1]]
        private$end(results[[first]], taken$index[[first]])
      } else if (is.list(taken$end)) {
        private$end(openai_condition(taken$end))
      } else {
        private$is_over <- !is.null(taken$end)
      }
    },

    # The element of one request.
    result = function(outcome) {
      if (!is.null(outcome$error)) {
        return(openai_condition(outcome$error))
      }
      private$replaced <- private$replaced || outcome$ok$replaced
      tryCatch(private$then(outcome$ok$value), error = identity)
    },

    end = function(condition, index = NULL) {
      private$failure <- condition
      private$failure$index <- index
      private$is_over <- TRUE
      private$close()
    },

    close = function() {
      if (!is.null(private$source)) {
        unwrap(parallel_close(private$source))
      }
    },

    value = function() {
      if (private$replaced) {
        warn_replaced()
      }
      left <- sum(!private$is_done)
      private$results[!private$is_done] <- list(unfinished_condition())
      if (!is.null(private$failure)) {
        private$failure$call <- private$call
        private$failure$results <- private$results
        stop(private$failure)
      }
      if (left) {
        warn_unfinished(left, length(private$results))
      }
      private$results
    }
  )
)

unfinished_condition <- function() {
  openai_condition(list(
    kind = "cancelled",
    message = "The run of requests ended before this one was answered."
  ))
}

warn_unfinished <- function(left, count) {
  warning(structure(
    class = c("openai_interrupted_warning", "warning", "condition"),
    list(
      message = paste0(
        "Interrupted: ", left, " of ", count, " requests were not answered; ",
        "their elements are conditions of class openai_cancelled_error."
      ),
      call = NULL
    )
  ))
}
